import type { InstrumentPicture, ValuePicture } from '../../http/picture.ts';
import { type Seen, sinceStamp } from '../feed/picture-age.ts';
import { countText, durationText } from '../format.ts';
import { placeOf } from '../problems/problems.ts';
import { canBeReadNow, nextOf, troublesOf, whereaboutsOf } from '../problems/troubles.ts';
import type { Words } from '../words/words.ts';
import { AboutProfile } from './about-profile.tsx';
import { Board } from './board/board.tsx';
import { useWords } from './language-context.ts';
import { ReadNow } from './line/read-now.tsx';
import { Pill, type Tone } from './pill.tsx';
import { useMayTest } from './role-context.ts';
import { SiteFaults } from './site-faults.tsx';
import { ValueTile } from './value-tile.tsx';

const tones: Readonly<Record<InstrumentPicture['condition'], Tone>> = {
  starting: 'quiet',
  answering: 'good',
  'not-answering': 'bad',
  'left-out': 'warning',
};

/** An instrument: who it is, how it does, what it says, and what to try when that is not right. */
export function InstrumentCard({ instrument, seen }: { instrument: InstrumentPicture; seen: Seen }) {
  const { words, language } = useWords();
  const mayTest = useMayTest();
  const { id, condition, values, faults } = instrument;
  const points = [...new Set(values.map(({ point }) => point))];
  return (
    <article class="card" id={placeOf.instrument(id)} aria-labelledby={`${placeOf.instrument(id)}-name`}>
      <header>
        <div>
          <h3 id={`${placeOf.instrument(id)}-name`}>{instrument.name[language]}</h3>
          <ul class="about items">
            {aboutOf(instrument, words).map((item) => (
              <li key={item}>{item}</li>
            ))}
          </ul>
        </div>
        {seen.lost ? (
          <Pill tone="quiet">{words.stale}</Pill>
        ) : (
          <Pill tone={tones[condition]}>{words.condition[condition]}</Pill>
        )}
      </header>
      {condition === 'not-answering' ? <LastAnswer instrument={instrument} seen={seen} /> : null}
      <Troubles instrument={instrument} seen={seen} />
      <SiteFaults faults={faults} />
      <Board instrument={instrument} seen={seen} />
      {points.map((point) => (
        <Point key={point} values={values.filter((value) => value.point === point)} of={instrument} seen={seen} />
      ))}
      {condition === 'left-out' ? null : <AboutProfile instrument={id} />}
      {mayTest && canBeReadNow(instrument, seen.picture.links) ? <ReadNow instrument={instrument} seen={seen} /> : null}
    </article>
  );
}

/** Profiles list what matters first; a meter with fifty values must not push the next instrument off the phone. */
const shownAtOnce = 9;

function Point({ values, of, seen }: { values: readonly ValuePicture[]; of: InstrumentPicture; seen: Seen }) {
  const { words } = useWords();
  const [first] = values;
  if (first === undefined) return null;
  const tiles = (some: readonly ValuePicture[]) => (
    <ul class="values">
      {some.map((value) => (
        <ValueTile key={value.factor} value={value} of={of} seen={seen} />
      ))}
    </ul>
  );
  const rest = values.slice(shownAtOnce);
  return (
    <section class="point">
      <p class="place">{first.place ?? first.point}</p>
      {tiles(values.slice(0, shownAtOnce))}
      {rest.length === 0 ? null : (
        <details class="more">
          <summary>{words.moreValues(rest.length)}</summary>
          {tiles(rest)}
        </details>
      )}
    </section>
  );
}

function aboutOf(
  { id, profile, link, address, every, local, unproven, simulated }: InstrumentPicture,
  words: Words,
): readonly string[] {
  return [
    id,
    profile,
    link,
    ...(address === null ? [] : [words.address(address)]),
    ...(every === null ? [] : [words.everySeconds(String(every / 1000))]),
    ...(simulated ? [words.simulated] : []),
    ...(local ? [words.localProfile] : []),
    ...(unproven === true ? [words.unprovenProfile] : []),
  ];
}

function LastAnswer({ instrument, seen }: { instrument: InstrumentPicture; seen: Seen }) {
  const { words } = useWords();
  const { lastAnswerAt, lastOutcome } = instrument;
  const when =
    lastAnswerAt === null
      ? words.neverAnswered
      : words.lastAnswer(words.ago(durationText(sinceStamp(lastAnswerAt, seen), words)));
  return (
    <p class="last-answer">
      {when}
      {lastOutcome === null || lastOutcome === 'ok' ? '' : ` · ${words.outcome[lastOutcome]}`}
    </p>
  );
}

function Troubles({ instrument, seen }: { instrument: InstrumentPicture; seen: Seen }) {
  const { words, language } = useWords();
  const where = whereaboutsOf(instrument, seen.picture.links);
  const troubles = troublesOf(instrument, language);
  const { says, variant, late } = instrument;
  const isUndecided = variant?.found === null;
  if (troubles.length + says.length + late === 0 && !isUndecided) return null;
  return (
    <ul class="troubles">
      {says.map((state) => (
        <li key={state.en}>
          <p class="what">{words.instrumentSays(state[language])}</p>
        </li>
      ))}
      {isUndecided ? (
        <li>
          <p class="what">{words.variantUndecided(variant.fitting)}</p>
          <p>
            <b>{words.whatToTry}</b> {words.chooseVariant(instrument.profile)}
          </p>
        </li>
      ) : null}
      {troubles.map(({ reason, factors }) => (
        <li key={reason}>
          <p class="what">
            {factors.length === 0 ? words.reason[reason].what : words.concerning(factors, words.reason[reason].what)}
          </p>
          <p>
            <b>{words.whatToTry}</b> {nextOf(reason, where, words)}
          </p>
        </li>
      ))}
      {late === 0 ? null : <li class="aside">{words.lateAnswers(countText(late, words))}</li>}
    </ul>
  );
}
