import { type Seen, sinceStamp } from '../feed/picture-age.ts';
import { bytesText, countText, dash, durationText, timeOfDay } from '../format.ts';
import { placeOf } from '../problems/problems.ts';
import type { Words } from '../words/words.ts';
import { DownloadForm } from './download-form.tsx';
import { type Fact, Facts } from './facts.tsx';
import { useWords } from './language-context.ts';
import { Pill } from './pill.tsx';

/** What is kept on this machine, and what was thrown away. */
export function StoreCard({ seen }: { seen: Seen }) {
  const { words } = useWords();
  const { store, malformed, dropped } = seen.picture;
  const facts: readonly Fact[] = [
    { name: words.storeRecords, value: store.records === null ? dash : countText(store.records.seq, words) },
    { name: words.storeSamples, value: store.samples === null ? dash : countText(store.samples.seq, words) },
    { name: words.storeSize, value: store.bytes === null ? dash : bytesText(store.bytes) },
    { name: words.storeRoom, value: roomText(store.room, words) },
    ...salvageFacts(store.salvage, words),
    {
      name: words.storeLastCommit,
      value:
        store.lastCommitAt === null
          ? words.never
          : words.ago(durationText(sinceStamp(store.lastCommitAt, seen), words)),
    },
    {
      name: words.storeDropped,
      value: countText(store.dropped, words),
      ...(store.dropped > 0 ? { tone: 'bad' as const } : {}),
    },
  ];
  const discarded = [
    ...malformed.map((one) => ({ ...one, text: words.discardedMalformed(one.where, countText(one.count, words)) })),
    ...dropped.map((one) => ({ ...one, text: words.discardedDropped(one.where, countText(one.count, words)) })),
  ];
  return (
    <article class="card" id={placeOf.store}>
      <header>
        <h3>{words.store}</h3>
        {seen.lost ? (
          <Pill tone="quiet">{words.stale}</Pill>
        ) : store.fault === null ? (
          <Pill tone="good">{words.storeWorks}</Pill>
        ) : (
          <Pill tone="bad">{words.storeFault}</Pill>
        )}
      </header>
      {store.fault === null ? null : (
        <p class="fault" lang="en">
          {store.fault}
        </p>
      )}
      {store.apart === null ? null : (
        <>
          <p class="fault">
            {timeOfDay(store.apart.at)} · {words.apart[store.apart.reason].what}
          </p>
          <p class="aside">{words.apart[store.apart.reason].next}</p>
        </>
      )}
      <Facts facts={facts} />
      <LeavingRecords leaving={store.leaving} />
      <DownloadForm picture={seen.picture} />
      {discarded.length === 0 ? null : (
        <section class="discarded">
          <h4>{words.discarded}</h4>
          <ul>
            {discarded.map(({ text, lastAt, why }) => (
              <li key={text}>
                {text} · {timeOfDay(lastAt)} <span lang="en">{why}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </article>
  );
}

function salvageFacts(salvage: Seen['picture']['store']['salvage'], words: Words): Fact[] {
  if (salvage === null) return [];
  const entries = countText(salvage.entries, words);
  const share = `${Math.floor(salvage.share * 100)} %`;
  const value = salvage.finished ? words.storeSalvaged(entries) : words.storeSalvaging(share, entries);
  return [{ name: words.storeSalvage, value }];
}

/** What will be let go that nobody else has, and how to keep it. */
function LeavingRecords({ leaving }: { leaving: Seen['picture']['store']['leaving'] }) {
  const { exports } = useWords().words;
  if (leaving === null) return null;
  const { since, at, days, by } = leaving;
  return (
    <section class="leaving">
      <p class="fault">{exports.leaving(days, since.slice(0, 10), at.slice(0, 10), by)}</p>
      <p class="aside">{exports.command(since.slice(0, 10))}</p>
    </section>
  );
}

function roomText(room: Seen['picture']['store']['room'], words: Words): string {
  if (room === null) return dash;
  const size = bytesText(room.bytes);
  return room.days === null ? size : `${size}, ${words.storeRoomFor(durationText(room.days * 86_400_000, words))}`;
}
