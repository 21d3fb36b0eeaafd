import type { Receipt } from '../../contract/receipt.ts';
import type { Proof, Store } from '../../store/port.ts';
import type { InFlight } from '../in-flight.ts';
import { attempt } from './answers.ts';

/** Ranges of one receipt that the store is asked about; the others are left for a later one. */
const askedAtOnce = 500;

/**
 * What of a receipt is about our own entries. A range that tells the hash after it counts where our chain stands at
 * that hash: under another one the platform has the entries of somebody else with our identity, and ours, which it may
 * never have got, must not be let go. null: nothing of it counts.
 */
export function provenPart(receipt: Receipt, inFlight: InFlight, store: Store): Receipt | Promise<Receipt | null> {
  const { stream, epoch, have, hashes } = receipt;
  if (hashes === undefined) return receipt;
  const flights = inFlight.of({ stream, epoch });
  const asked: { readonly at: number; readonly proof: Proof }[] = [];
  for (const [at, [, last]] of have.entries()) {
    const hash = hashes[at] ?? null;
    const isKnown = hash === null || flights.some(({ to, after }) => to === last && after.startsWith(hash));
    if (!isKnown) asked.push({ at, proof: [last, hash] });
  }
  if (asked.length === 0) return receipt;
  return attempt(askStore(receipt, asked, store)).then((part) => part ?? null);
}

async function askStore(
  receipt: Receipt,
  asked: readonly { readonly at: number; readonly proof: Proof }[],
  store: Store,
): Promise<Receipt> {
  const { stream, epoch, have, refused } = receipt;
  const now = asked.slice(0, askedAtOnce);
  const vouched = await store.vouch(
    stream,
    epoch,
    now.map(({ proof }) => proof),
  );
  const isForeign = vouched.includes('foreign');
  const out = new Set([
    ...asked.slice(askedAtOnce).map(({ at }) => at),
    ...now.flatMap(({ at }, index) => (vouched[index] === 'foreign' ? [at] : [])),
  ]);
  return { ...receipt, have: have.filter((_, at) => !out.has(at)), refused: isForeign ? [] : refused };
}
