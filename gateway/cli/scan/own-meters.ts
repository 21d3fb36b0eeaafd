import { findDlt645Frame } from '../../../device-profiles/dlt645.ts';
import { type Clock, systemClock } from '../../clock.ts';
import { Dlt645Conversation } from '../../driver/dlt645/dlt645-conversation.ts';
import type { Transaction } from '../../driver/events.ts';
import type { Link } from '../../link/link.ts';
import { type AskMeter, type MeterCandidate, type MeterReport, searchMeters } from '../../scan/meters.ts';

/** Bytes FE before a question: most meters need a few to wake. */
const wakeBytes = 4;
/** Longest wait for a meter, milliseconds, and least silence before a question. */
const timeout = 1000;
const turnAround = 30;

/** Looks for DL/T 645 meters on a line that was listened to and searched just now, so that nobody else is on it. */
export async function searchOwnMeters(
  link: Link,
  candidates: readonly MeterCandidate[],
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<MeterReport> {
  if ((await link.open()) !== null) return { meters: [], isCrowded: false };
  let last: Transaction | undefined;
  const observe = (event: Transaction): void => {
    last = event;
  };
  const conversation = new Dlt645Conversation({ link, clock, observe });
  const ask: AskMeter = async (question, wanted) => {
    const asked = { instrument: null, address: null, question, wakeBytes, wanted, timeout, hasty: false, turnAround };
    const { outcome, answer } = await conversation.ask(asked);
    const sender = answer?.kind === 'address' ? answer.address : senderIn(last?.received);
    return { outcome, data: answer?.kind === 'data' ? answer.data : null, sender };
  };
  try {
    return await searchMeters({ ask, candidates, signal });
  } finally {
    await link.close();
  }
}

/** Whose answer it is; the conversation has judged it already. */
function senderIn(received: Uint8Array | undefined): string | null {
  const found = received && findDlt645Frame(received);
  return found?.kind === 'frame' && /^\d{12}$/.test(found.frame.address) ? found.frame.address : null;
}
