import type { InstrumentPicture, MinutePicture, ValuePicture } from '../../http/picture.ts';
import { ageOf, isOld, type Seen } from '../feed/picture-age.ts';
import { dash, durationText, timeOfDay, valueText } from '../format.ts';
import { useWords } from './language-context.ts';

/** One factor: its value now, how old that is, what is said about it, and its last minute. */
export function ValueTile({ value, of, seen }: { value: ValuePicture; of: InstrumentPicture; seen: Seen }) {
  const { words, language } = useWords();
  const { flag, decimals, unit } = value;
  const normal = flag === 'N';
  return (
    <li class={`value ${seen.lost ? 'stale' : normal || flag === null ? '' : 'marked'}`} data-factor={value.factor}>
      <h4>{value[language]}</h4>
      <p class="now">
        {value.value === null ? (
          <>
            <span class="number" aria-hidden="true">
              {dash}
            </span>
            <span class="unseen">{words.noValue}</span>
          </>
        ) : (
          <span class="number">{valueText(value.value, decimals)}</span>
        )}{' '}
        <span class="unit">{unit}</span>
      </p>
      <p class="said">
        {flag === null || seen.lost ? null : (
          <span class={`flag ${normal ? 'normal' : ''}`}>
            <b>{flag}</b> {words.flag[flag]}
          </span>
        )}
        <Age value={value} of={of} seen={seen} />
      </p>
      <Minute minute={value.lastMinute} decimals={decimals} />
    </li>
  );
}

function Age({ value, of, seen }: { value: ValuePicture; of: InstrumentPicture; seen: Seen }) {
  const { words } = useWords();
  if (seen.lost) return <span class="age old">{words.stale}</span>;
  const age = ageOf(value, seen.since);
  if (age === null) return <span class="age">{words.notReadYet}</span>;
  const text = words.ago(durationText(age, words));
  if (!isOld(age, of)) return <span class="age">{text}</span>;
  return (
    <span class="age old">
      {text}, {words.old}
    </span>
  );
}

function Minute({ minute, decimals }: { minute: MinutePicture | undefined; decimals: number }) {
  const { words } = useWords();
  if (minute === undefined) return <p class="minute">{words.noMinuteYet}</p>;
  const { from, average, count, expected, flag } = minute;
  return (
    <p class="minute">
      <span>
        {words.minute} {timeOfDay(from).slice(0, 5)}
      </span>{' '}
      <b>
        {valueText(average, decimals)}
        {flag === 'N' ? '' : ` ${flag}`}
      </b>{' '}
      <span>{words.minuteCoverage(count, expected)}</span>
    </p>
  );
}
