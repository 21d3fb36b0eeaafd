import type { UplinkPicture } from '../../http/picture.ts';
import { type Seen, sinceStamp } from '../feed/picture-age.ts';
import { bytesText, countText, durationText } from '../format.ts';
import { placeOf } from '../problems/problems.ts';
import type { Words } from '../words/words.ts';
import { type Fact, Facts } from './facts.tsx';
import { useWords } from './language-context.ts';
import { Pill, type Tone } from './pill.tsx';
import { SiteFaults } from './site-faults.tsx';

const tones: Readonly<Record<UplinkPicture['state'], Tone>> = {
  connecting: 'warning',
  connected: 'good',
  waiting: 'warning',
  scheduled: 'quiet',
  stopped: 'bad',
};

/** Younger than this, hours, it is on its way, not held back. */
const onItsWay = 1 / 60;

/** What is held back for a platform, in time and in records. */
export function heldText({ backlog: { records, samples, hours } }: UplinkPicture, words: Words): string {
  if (records === 0 && samples === 0) return words.heldNothing;
  const age = hours === null ? words.pace.ageUnknown : durationText(hours * 3_600_000, words);
  return words.heldFor(age, countText(records, words));
}

/** For how long there is room for more, and when what is held will be gone: what is not known is said to be unknown. */
export function heldOutlook(uplink: UplinkPicture, seen: Seen, words: Words): readonly string[] {
  const { backlog, state, opensAt, backlogWaits, backlogTurnIn } = uplink;
  const isHeld = backlog.records + backlog.samples > 0 && (backlog.hours === null || backlog.hours > onItsWay);
  if (!isHeld || seen.lost) return [];
  const days = seen.picture.store.room?.days ?? null;
  const room = days === null ? words.pace.roomUnknown : words.pace.roomFor(durationText(days * 86_400_000, words));
  if (opensAt !== null) return [room, words.pace.opensAt(opensAt)];
  if (state !== 'connected') return [room, words.pace.drainsLater];
  if (backlogTurnIn !== null) return [room, words.pace.turnIn(aboutText(backlogTurnIn, words))];
  if (backlogWaits !== null) return [room, words.pace.waitsForMonth];
  const { drainsIn } = backlog;
  return [room, drainsIn === undefined ? words.pace.drainUnknown : words.pace.drainsIn(aboutText(drainsIn, words))];
}

/** Seconds of a forecast: past ten minutes, seconds would pretend to a precision that it does not have. */
function aboutText(seconds: number, words: Words): string {
  return durationText((seconds < 600 ? seconds : Math.ceil(seconds / 60) * 60) * 1000, words);
}

/** What went wrong, in the words of who noticed; null where nothing did. */
function faultOf({ state, detail, url }: UplinkPicture): string | null {
  return detail === '' || detail === url || state === 'scheduled' ? null : detail;
}

export function UplinkState({ uplink, lost }: { uplink: UplinkPicture; lost: boolean }) {
  const { words } = useWords();
  if (lost) return <Pill tone="quiet">{words.stale}</Pill>;
  return <Pill tone={tones[uplink.state]}>{words.uplinkState[uplink.state]}</Pill>;
}

/** The way to one platform: what was sent, what is proven to have arrived, and what still waits. */
export function UplinkCard({ uplink, seen }: { uplink: UplinkPicture; seen: Seen }) {
  const { words } = useWords();
  const { id, url, acknowledge, refused, lastReceiptAt } = uplink;
  const fault = faultOf(uplink);
  const count = (number: number): string => countText(number, words);
  const facts: readonly Fact[] = [
    { name: words.sent, value: count(uplink.sent) },
    { name: words.acknowledged, value: count(uplink.acknowledged) },
    { name: words.pace.late, value: count(uplink.late) },
    { name: words.again, value: count(uplink.again) },
    { name: words.refused, value: count(refused), ...(refused > 0 ? { tone: 'bad' as const } : {}) },
    { name: words.malformed, value: count(uplink.malformed) },
    {
      name: words.lastReceipt,
      value: lastReceiptAt === null ? words.never : words.ago(durationText(sinceStamp(lastReceiptAt, seen), words)),
    },
  ];
  const all = [...facts, ...lineFacts(uplink, words)];
  return (
    <article class="card" id={placeOf.uplink(id)}>
      <header>
        <div>
          <h3>{id}</h3>
          <p class="about">
            <span class="address">{url}</span> · {words.acknowledgedBy[acknowledge]}
          </p>
        </div>
        <UplinkState uplink={uplink} lost={seen.lost} />
      </header>
      {fault === null ? null : (
        <p class="fault" lang="en">
          {fault}
        </p>
      )}
      <SiteFaults faults={uplink.credentials} />
      {uplink.refusals.map(({ stream, seq, reason }) => (
        <p class="fault" key={`${stream} ${seq}`}>
          {words.refusal(stream, seq)}: <span lang="en">{reason}</span>
        </p>
      ))}
      <Held uplink={uplink} seen={seen} />
      <Facts facts={all} />
    </article>
  );
}

/** What is held back, for how long there is room for more, how long it takes until it is gone, and what it waits for. */
function Held({ uplink, seen }: { uplink: UplinkPicture; seen: Seen }) {
  const { words } = useWords();
  const { backlog, state, opensAt, backlogWaits } = uplink;
  const isHeld = backlog.records + backlog.samples > 0;
  const outlook = heldOutlook(uplink, seen, words);
  const isDraining = outlook.length > 0 && state === 'connected';
  return (
    <p class={isHeld ? 'held some' : 'held'}>
      <span>{words.held}</span> <b>{heldText(uplink, words)}</b>
      {backlog.samples === 0 ? null : <small>{words.heldSamples(countText(backlog.samples, words))}</small>}
      {outlook.length === 0 ? null : <small>{outlook.join(words.pace.and)}</small>}
      {opensAt === null || outlook.length > 0 ? null : <small>{words.pace.opensAt(opensAt)}</small>}
      {isDraining && backlogWaits !== null ? <small>{words.pace.waits[backlogWaits]}</small> : null}
      {isDraining ? <small>{words.pace.order}</small> : null}
    </p>
  );
}

function lineFacts({ bytesPerSecond, month, certificates }: UplinkPicture, words: Words): Fact[] {
  const facts: Fact[] = [];
  if (bytesPerSecond !== null) facts.push({ name: words.pace.rate, value: `${bytesText(bytesPerSecond)}/s` });
  for (const { whose, until } of certificates) {
    facts.push({ name: words.certificateUntil[whose], value: until.slice(0, 10) });
  }
  if (month === null) return facts;
  const used = bytesText(month.bytes);
  const value = month.limit === null ? used : words.pace.monthOf(used, bytesText(month.limit));
  const isUsedUp = month.limit !== null && month.bytes >= month.limit;
  facts.push({ name: words.pace.month(month.month), value, ...(isUsedUp ? { tone: 'bad' as const } : {}) });
  return facts;
}
