/** What became of the phone's time. `why` is the gateway's own word. */
export type TimeAnswer =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly why: { readonly zh: string; readonly en: string } }
  | { readonly kind: 'failed' };

/** Tells the gateway what time this phone has. */
export async function offerPhoneTime(): Promise<TimeAnswer> {
  try {
    const answer = await fetch('/api/v1/clock/time', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-fenceline': 'page' },
      body: JSON.stringify({ time: new Date().toISOString() }),
    });
    if (!answer.ok) return { kind: 'failed' };
    const { taken, why } = await answer.json();
    return taken ? { kind: 'taken' } : { kind: 'refused', why };
  } catch {
    return { kind: 'failed' };
  }
}

/** The phone's time of day as it shows it itself. */
export function phoneTime(): string {
  return new Date().toTimeString().slice(0, 5);
}
