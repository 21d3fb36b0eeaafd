import type { UplinkPicture } from '../../http/picture.ts';
import { countText, durationText } from '../format.ts';
import { type Seen, sinceStamp } from '../picture-age.ts';
import { placeOf } from '../problems.ts';
import type { Words } from '../words/words.ts';
import { type Fact, Facts } from './facts.tsx';
import { useWords } from './language-context.ts';
import { Pill, type Tone } from './pill.tsx';

const tones: Readonly<Record<UplinkPicture['state'], Tone>> = {
  connecting: 'warning',
  connected: 'good',
  waiting: 'warning',
  stopped: 'bad',
};

/** What is held back for a platform, in time and in records. */
export function heldText({ backlog: { records, samples, hours } }: UplinkPicture, words: Words): string {
  if (records === 0 && samples === 0) return words.heldNothing;
  return words.heldFor(durationText((hours ?? 0) * 3_600_000, words), countText(records, words));
}

export function UplinkState({ uplink, lost }: { uplink: UplinkPicture; lost: boolean }) {
  const { words } = useWords();
  if (lost) return <Pill tone="quiet">{words.stale}</Pill>;
  return <Pill tone={tones[uplink.state]}>{words.uplinkState[uplink.state]}</Pill>;
}

/** The way to one platform: what was sent, what is proven to have arrived, and what still waits. */
export function UplinkCard({ uplink, seen }: { uplink: UplinkPicture; seen: Seen }) {
  const { words } = useWords();
  const { id, url, detail, acknowledge, backlog, refused, lastReceiptAt } = uplink;
  const count = (number: number): string => countText(number, words);
  const facts: readonly Fact[] = [
    { name: words.sent, value: count(uplink.sent) },
    { name: words.acknowledged, value: count(uplink.acknowledged) },
    { name: words.again, value: count(uplink.again) },
    { name: words.refused, value: count(refused), ...(refused > 0 ? { tone: 'bad' as const } : {}) },
    { name: words.malformed, value: count(uplink.malformed) },
    {
      name: words.lastReceipt,
      value: lastReceiptAt === null ? words.never : words.ago(durationText(sinceStamp(lastReceiptAt, seen), words)),
    },
  ];
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
      {detail === '' ? null : (
        <p class="fault" lang="en">
          {detail}
        </p>
      )}
      <p class={backlog.records + backlog.samples > 0 ? 'held some' : 'held'}>
        <span>{words.held}</span> <b>{heldText(uplink, words)}</b>
        {backlog.samples === 0 ? null : <small>{words.heldSamples(count(backlog.samples))}</small>}
        {backlog.drainsIn === undefined ? null : (
          <small>{words.drainsIn(durationText(backlog.drainsIn * 1000, words))}</small>
        )}
      </p>
      <Facts facts={facts} />
    </article>
  );
}
