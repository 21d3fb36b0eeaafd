import type { AdoptionPicture } from '../../http/nodes/node-routes.ts';
import type { AdoptionWords } from '../words/adoption/words.ts';

export interface AdoptionForm {
  readonly chip: string;
  readonly code: string;
  readonly node: string;
  readonly replace: boolean;
}

/** Asks the gateway to adopt a node; null where the request itself failed, or was not understood. */
export async function adoptNode(form: AdoptionForm): Promise<AdoptionPicture | null> {
  try {
    const answer = await fetch('/api/v1/nodes/adopt', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-fenceline': 'page' },
      body: JSON.stringify(form),
    });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** What came of an adoption that was none, and what to do. */
export function adoptionText(
  { kind, node = '', chip = '', why = '', wrong = 0 }: AdoptionPicture,
  { outcome, ...words }: AdoptionWords,
): string {
  switch (kind) {
    case 'adopted':
      return words.adopted(node);
    case 'refused':
      return why === 'code' ? outcome.wrongCode(String(wrong)) : outcome.refused(why);
    case 'silent':
      return outcome.silent(node);
    case 'not-heard':
      return outcome.notHeard;
    case 'gone':
      return outcome.gone;
    case 'taken':
      return outcome.taken(node, chip);
    case 'no-name':
      return outcome.noName;
    case 'busy':
      return outcome.busy;
    case 'not-kept':
      return outcome.notKept;
  }
}
