import { useState } from 'preact/hooks';
import type { ClockPicture } from '../../http/picture.ts';
import { offerPhoneTime, phoneTime, type TimeAnswer } from '../asking/offer-time.ts';
import type { Seen } from '../feed/picture-age.ts';
import { countText, dateAndTime, durationText, laterTimeOfDay, timeOfDay } from '../format.ts';
import { placeOf } from '../problems/problems.ts';
import type { Words } from '../words/words.ts';
import { type Fact, Facts } from './facts.tsx';
import { useWords } from './language-context.ts';
import { Pill } from './pill.tsx';
import { useMayTest } from './role-context.ts';

/** Nearer than this, the machine's clock is the gateway's own time, milliseconds. */
const sameTime = 1000;

/** How far the time is known, who vouches for it, what to do where nobody does, and what waits for it. */
export function ClockCard({ seen }: { seen: Seen }) {
  const { words, language } = useWords();
  const { clock } = seen.picture;
  // Anything better than somebody's word is not given up for it.
  const mayTell = useMayTest() && (!clock.trusted || clock.source === 'technician' || clock.source === 'platform');
  return (
    <article class="card" id={placeOf.clock}>
      <header>
        <h3>{words.time.title}</h3>
        {seen.lost ? (
          <Pill tone="quiet">{words.stale}</Pill>
        ) : clock.trusted ? (
          <Pill tone={clock.next === null ? 'good' : 'warning'}>{words.time.trusted}</Pill>
        ) : (
          <Pill tone="bad">{words.time.notTrusted}</Pill>
        )}
      </header>
      <p class={clock.trusted ? 'aside' : 'fault'}>{clock.why[language]}</p>
      {clock.next === null ? null : (
        <p>
          <b>{words.whatToTry}</b> {clock.next[language]}
        </p>
      )}
      <Held held={clock.held} words={words} />
      <Facts facts={factsOf(seen, words)} />
      {clock.jumps.length === 0 ? null : (
        <section class="discarded">
          <h4>{words.time.jumps}</h4>
          <ul>
            {clock.jumps.map((jump) => (
              <li key={`${jump.at} ${jump.by}`}>
                {dateAndTime(jump.at)} ·{' '}
                {words.time.jump[jump.cause](
                  jump.cause === 'suspended' ? errorText(jump.by, words) : movedText(jump.by, words),
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      {mayTell ? <TellTime lost={seen.lost} /> : null}
    </article>
  );
}

function Held({ held, words: { time, ...words } }: { held: ClockPicture['held']; words: Words }) {
  const count = (readings: number): string => countText(readings, { ...words, time });
  const waited = held.seconds === null ? null : durationText(held.seconds * 1000, { ...words, time });
  return (
    <>
      {held.readings === 0 ? null : (
        <p class="held some">
          {held.releasing ? time.releasing(count(held.readings)) : time.held(count(held.readings), waited)}
        </p>
      )}
      {held.earlier === 0 ? null : <p class="aside">{time.earlier(count(held.earlier))}</p>}
    </>
  );
}

function factsOf({ picture: { gateway, clock }, since }: Seen, words: Words): Fact[] {
  const { time } = words;
  const off = Math.abs(clock.systemAhead);
  const apart = durationText(off, words);
  return [
    { name: time.now, value: laterTimeOfDay(gateway.now, since), ...(clock.trusted ? {} : { tone: 'bad' as const }) },
    { name: time.source, value: clock.source === null ? time.nobody : time.sources[clock.source] },
    ...(clock.since === null ? [] : [{ name: time.since, value: dateAndTime(clock.since) }]),
    {
      name: time.uncertainty,
      value: clock.uncertainty === null ? time.unbounded : time.upTo(errorText(clock.uncertainty, words)),
    },
    ...(off < sameTime
      ? []
      : [
          {
            name: time.systemClock,
            value: clock.systemAhead > 0 ? time.systemAhead(apart) : time.systemBehind(apart),
            tone: 'warning' as const,
          },
        ]),
    ...(clock.offer === null
      ? []
      : [
          {
            name: time.offer,
            value: time.offered(time.sources[clock.offer.from], timeOfDay(clock.offer.time), clock.offer.taken),
          },
        ]),
  ];
}

/** Below a second in milliseconds. */
function errorText(milliseconds: number, words: Words): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : durationText(milliseconds, words);
}

function movedText(by: number, words: Words): string {
  const time = errorText(Math.abs(by), words);
  return by < 0 ? words.time.back(time) : words.time.forward(time);
}

/** Gives the gateway the time of the phone in the hand. */
function TellTime({ lost }: { lost: boolean }) {
  const { words, language } = useWords();
  const [answer, setAnswer] = useState<TimeAnswer | null>(null);
  const tell = async (): Promise<void> => setAnswer(await offerPhoneTime());
  return (
    <section class="read-now">
      <p class="aside">{words.time.tellHint(phoneTime())}</p>
      <button type="button" class="quiet" aria-disabled={lost} onClick={() => void (lost || tell())}>
        {words.time.tell}
      </button>
      <div role="status">
        {answer === null ? null : answer.kind === 'taken' ? <p>{words.time.taken}</p> : null}
        {answer?.kind === 'refused' ? (
          <p class="fault">
            {words.time.notTaken} {answer.why[language]}
          </p>
        ) : null}
        {answer?.kind === 'failed' ? <p class="fault">{words.requestFailed}</p> : null}
      </div>
    </section>
  );
}
