import type { InstrumentPicture } from '../../../http/picture.ts';
import type { Seen } from '../../feed/picture-age.ts';
import { dateAndTime } from '../../format.ts';
import { useWords } from '../language-context.ts';
import { Relay } from './relay.tsx';

/** What hangs on a board with pins: its contacts as words, and what it switches. */
export function Board({ instrument, seen }: { instrument: InstrumentPicture; seen: Seen }) {
  const { words, language } = useWords();
  const { board, condition } = instrument;
  if (board === undefined || condition === 'left-out') return null;
  return (
    <>
      {board.contacts.length === 0 ? null : (
        <section class="point">
          <p class="place">{words.board.contacts}</p>
          <dl class="contacts">
            {board.contacts.map(({ id, name, says, closed, since }) => (
              <div key={id} data-contact={id}>
                <dt>{name[language]}</dt>
                <dd>
                  <b>{closed === null ? words.board.notKnown : says[closed ? 'closed' : 'open'][language]}</b>
                  {since === null ? null : <small>{words.board.since(dateAndTime(since))}</small>}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {board.relays.length === 0 ? null : (
        <section class="point">
          <p class="place">{words.board.relays}</p>
          <ul class="relays">
            {board.relays.map((relay) => (
              <Relay key={relay.id} relay={relay} of={instrument} seen={seen} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
