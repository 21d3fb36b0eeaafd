import type { Seen } from '../feed/picture-age.ts';
import { durationText, laterTimeOfDay, timeOfDay } from '../format.ts';
import type { Problem } from '../problems/problems.ts';
import { useWords } from './language-context.ts';
import { LanguageSwitch } from './language-switch.tsx';
import { heldOutlook, heldText, UplinkState } from './uplink-card.tsx';

/** The bar that stays in sight: which gateway, its time, the language, the way out. */
export function TopBar({ seen, leave }: { seen: Seen | null; leave: () => void }) {
  const { words } = useWords();
  const gateway = seen?.picture.gateway;
  return (
    <header class="top">
      <h1>
        <span class="unseen">{words.gateway} </span>
        {gateway?.id ?? 'Fenceline'}
      </h1>
      {seen === null || gateway === undefined ? null : (
        <p class={seen.lost ? 'clock stale' : 'clock'}>
          <span class="unseen">{words.gatewayTime} </span>
          {seen.lost ? timeOfDay(gateway.now) : laterTimeOfDay(gateway.now, seen.since)}
        </p>
      )}
      <LanguageSwitch />
      <button type="button" class="plain" onClick={leave}>
        {words.logOut}
      </button>
    </header>
  );
}

/** The answer to the first question: is everything all right, and if not, what. */
export function Status({ seen, problems }: { seen: Seen; problems: readonly Problem[] }) {
  const { words } = useWords();
  const good = problems.length === 0;
  const tone = seen.lost ? 'lost' : good ? 'good' : 'troubled';
  return (
    <section class={`status ${tone}`} aria-label={words.gateway}>
      <div class="verdict">
        <p class="headline" role="status">
          <span class="sign" aria-hidden="true">
            {seen.lost ? '?' : good ? '✓' : '!'}
          </span>
          {seen.lost ? words.lost : good ? words.allGood : words.problems(problems.length)}
        </p>
        {seen.lost ? (
          <p>{words.lostDetail(durationText(seen.since, words), timeOfDay(seen.picture.gateway.now))}</p>
        ) : (
          <ul>
            {problems.map(({ place, text }) => (
              <li key={`${place} ${text}`}>
                <a href={`#${place}`}>{text}</a>
              </li>
            ))}
          </ul>
        )}
      </div>
      <Uplinks seen={seen} />
    </section>
  );
}

function Uplinks({ seen }: { seen: Seen }) {
  const { words } = useWords();
  return (
    <ul class="ways">
      {seen.picture.uplinks.map((uplink) => (
        <li key={uplink.id}>
          <p>
            {words.uplinks} {uplink.id} <UplinkState uplink={uplink} lost={seen.lost} />
          </p>
          <p>
            {words.held} <b>{[heldText(uplink, words), ...heldOutlook(uplink, seen, words)].join(words.pace.and)}</b>
          </p>
        </li>
      ))}
    </ul>
  );
}
