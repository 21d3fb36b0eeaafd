import type { CommandsPicture } from '../../http/picture.ts';
import { type Seen, untilStamp } from '../feed/picture-age.ts';
import { dateAndTime, durationText } from '../format.ts';
import { placeOf } from '../problems/problems.ts';
import { useWords } from './language-context.ts';
import { Pill, type Tone } from './pill.tsx';

const tones: Readonly<Record<CommandsPicture['last'][number]['outcome'], Tone>> = {
  accepted: 'warning',
  done: 'good',
  refused: 'quiet',
  failed: 'bad',
};

/** What platforms asked of this gateway, and what became of it; nothing where none ever did. */
export function CommandCard({ seen }: { seen: Seen }) {
  const { words } = useWords();
  const { last, trial, retired, isReading, fault } = seen.picture.commands;
  if (last.length === 0 && trial === null && retired.length === 0 && fault === null) return null;
  return (
    <article class="card" id={placeOf.commands}>
      <header>
        <h3>{words.command.title}</h3>
      </header>
      {fault === null ? null : (
        <p class="fault" lang="en">
          {fault}
        </p>
      )}
      {retired.map(({ uplink, at, delivered }) => (
        <p class="retired" key={uplink}>
          {words.command[delivered ? 'retired' : 'retiring'](uplink, dateAndTime(at))}{' '}
          {isReading ? null : words.command.notReading} {words.command.resume}
        </p>
      ))}
      {trial === null ? null : (
        <p class="trial">
          {words.command.trial(trial.from, trial.to, durationText(untilStamp(trial.rollsBackAt, seen), words))}{' '}
          {words.command.trialEnds}
        </p>
      )}
      <ul class="commands">
        {last.map(({ id, at, command, who, outcome, detail }) => (
          <li key={`${who} ${id}`}>
            <Pill tone={seen.lost ? 'quiet' : tones[outcome]}>{words.command.outcome[outcome]}</Pill>{' '}
            {words.command.kind[command] ?? command} · {dateAndTime(at)}
            <small lang="en">
              {id}, {who}
              {detail === null ? '' : `: ${detail}`}
            </small>
          </li>
        ))}
      </ul>
    </article>
  );
}
