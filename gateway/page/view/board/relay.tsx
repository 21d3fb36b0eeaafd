import { useState } from 'preact/hooks';
import type { InstrumentPicture, RelayPicture } from '../../../http/picture.ts';
import { lengthsOf, lengthText, notSwitchedText, type SwitchAnswer, switchRelay } from '../../asking/switch-relay.ts';
import type { Seen } from '../../feed/picture-age.ts';
import { timeOfDay } from '../../format.ts';
import type { Words } from '../../words/words.ts';
import { useWords } from '../language-context.ts';
import { Pill, type Tone } from '../pill.tsx';
import { useMayTest } from '../role-context.ts';

const tones: Readonly<Record<RelayPicture['state'], Tone>> = {
  off: 'quiet',
  warning: 'warning',
  on: 'good',
  unknown: 'bad',
};

/** One relay: how it stands, for whom and until when; and for those who may, the way to switch it. */
export function Relay({ relay, of, seen }: { relay: RelayPicture; of: InstrumentPicture; seen: Seen }) {
  const { words, language } = useWords();
  const mayTest = useMayTest();
  const [isAsking, setAsking] = useState(false);
  const [isWaiting, setWaiting] = useState(false);
  const [answer, setAnswer] = useState<SwitchAnswer | null>(null);
  const { id, name, state, allowed } = relay;
  const send = async (seconds: number | null): Promise<void> => {
    setAsking(false);
    setWaiting(true);
    setAnswer(null);
    setAnswer(await switchRelay(of.id, id, seconds));
    setWaiting(false);
  };
  const isBlocked = isWaiting || seen.lost;
  const isOff = state === 'off';
  return (
    <li data-relay={id}>
      <p class="relay">
        <b>{name[language]}</b>
        <Pill tone={seen.lost ? 'quiet' : tones[state]}>{seen.lost ? words.stale : words.board.state[state]}</Pill>
      </p>
      <p class="aside">{standingText(relay, words)}</p>
      {allowed && mayTest && !isAsking ? (
        <p class="actions">
          {isOff || state === 'on' ? (
            <button type="button" class="quiet" disabled={isBlocked} onClick={() => setAsking(true)}>
              {words.board.switchOn}
            </button>
          ) : null}
          {isOff ? null : (
            // Off is never waited with, also while on is still being answered.
            <button type="button" class="quiet" disabled={seen.lost} onClick={() => void send(null)}>
              {words.board.switchOff}
            </button>
          )}
        </p>
      ) : null}
      {isAsking ? (
        <Confirmation
          relay={relay}
          of={of}
          onConfirm={(seconds) => void send(seconds)}
          onCancel={() => setAsking(false)}
        />
      ) : null}
      <div role="status">
        {isWaiting ? <p class="aside">{words.board.waiting}</p> : null}
        {answer === null || answer.kind === 'done' ? null : <p class="fault">{notSwitchedText(answer, words)}</p>}
      </div>
    </li>
  );
}

/** For whom and until when, or why it is as it is. */
function standingText({ allowed, state, cause, who, next, until }: RelayPicture, { board }: Words): string {
  if (!allowed && state === 'off') return board.notAllowed;
  const parts = [];
  if (next !== null) parts.push(board.goesOnAt(timeOfDay(next)));
  if (until !== null) parts.push(board.goesOffAt(timeOfDay(until)));
  if (who !== null) parts.push(askerText(who, board));
  // That it warns is said only while it does.
  else if (cause !== null && (cause !== 'warning' || state === 'on')) parts.push(board.cause[cause]);
  return parts.join(' · ');
}

/** `page, li` and `uplink district, key 1a2b…`, as the records name them. */
function askerText(who: string, board: Words['board']): string {
  const [kind = '', ...rest] = who.split(', ');
  if (kind === 'page') return board.byPage(rest.join(', '));
  return kind.startsWith('uplink ') ? board.byPlatform(kind.slice('uplink '.length)) : who;
}

/** Says what will happen, and asks for how long, before anything is switched on. */
function Confirmation({
  relay,
  of,
  onConfirm,
  onCancel,
}: {
  relay: RelayPicture;
  of: InstrumentPicture;
  onConfirm: (seconds: number) => void;
  onCancel: () => void;
}) {
  const { words, language } = useWords();
  const lengths = lengthsOf(relay.longestSeconds);
  const [seconds, setSeconds] = useState(lengths[0] ?? relay.longestSeconds);
  const name = relay.name[language];
  const warning = relay.state === 'on' ? 0 : relay.warningSeconds;
  const lock = of.board?.contacts.find(({ id }) => id === relay.lockOut)?.name[language];
  return (
    <form
      class="confirmation"
      onSubmit={(event) => {
        event.preventDefault();
        onConfirm(seconds);
      }}
    >
      <label>
        {words.board.howLong}
        <select value={seconds} onChange={(event) => setSeconds(Number(event.currentTarget.value))}>
          {lengths.map((one) => (
            <option key={one} value={one}>
              {lengthText(one, words)}
            </option>
          ))}
        </select>
      </label>
      <p>{words.board.happens(name, warning, lengthText(seconds, words))}</p>
      {relay.use === 'mist-cannon' ? <p class="look">{words.board.lookFirst}</p> : null}
      {lock === undefined ? null : <p class="aside">{words.board.lockedBy(lock)}</p>}
      <p class="actions">
        <button type="submit" class="primary">
          {words.board.confirm(name)}
        </button>
        <button type="button" class="plain" onClick={onCancel}>
          {words.board.cancel}
        </button>
      </p>
    </form>
  );
}
