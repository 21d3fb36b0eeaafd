import { useEffect, useRef, useState } from 'preact/hooks';
import type { ReadPicture } from '../../../http/lines/read-picture.ts';
import type { InstrumentPicture, Reason } from '../../../http/picture.ts';
import { type ReadAnswer, readNow, refusalText } from '../../asking/read-now.ts';
import type { Seen } from '../../feed/picture-age.ts';
import { timeOfDay, valueText } from '../../format.ts';
import { nextOf, whereaboutsOf } from '../../problems/troubles.ts';
import { timeText } from '../../transaction-text.ts';
import { Dash } from '../dash.tsx';
import { useWords } from '../language-context.ts';
import { TransactionRow } from './transaction-row.tsx';

/** Asks for a reading, one at a time; what comes after the card has gone is nobody's. */
function useReading(instrument: string) {
  const [waiting, setWaiting] = useState(false);
  const [answer, setAnswer] = useState<ReadAnswer | null>(null);
  const shown = useRef(true);
  useEffect(
    () => () => {
      shown.current = false;
    },
    [],
  );
  const read = async (): Promise<void> => {
    setWaiting(true);
    setAnswer(null);
    const got = await readNow(instrument);
    if (!shown.current) return;
    setWaiting(false);
    setAnswer(got);
  };
  return { waiting, answer, read, close: () => setAnswer(null) };
}

/** Reads an instrument at once, and shows what it said or why it said nothing, with the bytes. */
export function ReadNow({ instrument, seen }: { instrument: InstrumentPicture; seen: Seen }) {
  const { words } = useWords();
  const { waiting, answer, read, close } = useReading(instrument.id);
  const blocked = waiting || seen.lost;
  const came = answer?.kind === 'read' ? answer.read : null;
  return (
    <section class="read-now">
      <button type="button" class="quiet" aria-disabled={blocked} onClick={() => void (blocked || read())}>
        {words.line.readNow}
      </button>
      <div role="status">
        {waiting ? <p class="aside">{words.line.reading}</p> : null}
        {came === null ? null : <p>{words.line.readAt(timeOfDay(came.at), timeText(came.took))}</p>}
        {answer === null || answer.kind === 'read' ? null : <p class="fault">{refusalText(answer, words)}</p>}
      </div>
      {came === null ? null : <Said read={came} of={instrument} seen={seen} />}
      {came === null ? null : <Bytes read={came} />}
      {answer === null ? null : (
        <button type="button" class="plain" onClick={close}>
          {words.line.close}
        </button>
      )}
    </section>
  );
}

/** Each value, or the lack of it with its flag; below, what each reason means and what to try. */
function Said({ read, of, seen }: { read: ReadPicture; of: InstrumentPicture; seen: Seen }) {
  const { words, language } = useWords();
  const reasons = new Set(read.readings.flatMap(({ reason }): Reason[] => (reason === null ? [] : [reason])));
  const several = new Set(read.readings.map(({ point }) => point)).size > 1;
  const where = whereaboutsOf(of, seen.picture.links);
  const exception = read.transactions.at(-1)?.exception ?? where.exception;
  return (
    <>
      <dl class="readings">
        {read.readings.map(({ point, place, factor, value, unit, decimals, flag, ...name }) => (
          <div key={`${point} ${factor}`} class={flag === 'N' ? '' : 'bad'}>
            <dt>{several ? `${place ?? point} · ${name[language]}` : name[language]}</dt>
            <dd>
              {value === null ? <Dash means={words.noValue} /> : `${valueText(value, decimals)} ${unit}`}
              {flag === 'N' ? '' : ` ${flag} ${words.flag[flag]}`}
            </dd>
          </div>
        ))}
      </dl>
      {reasons.size === 0 ? null : (
        <ul class="troubles">
          {[...reasons].map((reason) => (
            <li key={reason}>
              <p class="what">{words.reason[reason].what}</p>
              <p>
                <b>{words.whatToTry}</b> {nextOf(reason, { ...where, exception }, words)}
              </p>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Bytes({ read: { transactions, omitted } }: { read: ReadPicture }) {
  const { words } = useWords();
  if (transactions.length === 0) return null;
  return (
    <details class="more transactions">
      <summary>{words.line.transactionsOf(transactions.length)}</summary>
      {omitted === 0 ? null : <p class="aside">{words.line.omitted(omitted)}</p>}
      <ol>
        {transactions.map((one) => (
          <TransactionRow key={one.number} transaction={one} />
        ))}
      </ol>
    </details>
  );
}
