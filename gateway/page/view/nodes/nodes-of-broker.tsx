import type { LinkPicture } from '../../../http/picture.ts';
import { countText, dateAndTime } from '../../format.ts';
import { Facts } from '../facts.tsx';
import { useWords } from '../language-context.ts';

type Nodes = NonNullable<LinkPicture['nodes']>;

/** Who is at a broker of sensor nodes, and who was turned away, why, and what to do about it. */
export function NodesOfBroker({ nodes: { connected, fresh, turnedAway } }: { nodes: Nodes }) {
  const { words } = useWords();
  const { adoption } = words;
  const named = connected.map(({ node, address }) => (address === null ? node : `${node} (${address})`)).join(', ');
  const facts = [
    { name: adoption.connected, value: named || adoption.nobody },
    ...(fresh.length === 0 ? [] : [{ name: adoption.waiting, value: fresh.map(({ chip }) => chip).join(', ') }]),
    ...(turnedAway.length > 0 ? [] : [{ name: adoption.turnedAway, value: adoption.nobodyTurnedAway }]),
  ];
  return (
    <>
      <Facts facts={facts} />
      {turnedAway.length === 0 ? null : (
        <section class="discarded">
          <h4>{adoption.turnedAway}</h4>
          <ul>
            {turnedAway.map(({ why, node, chip, address, count, last }) => (
              <li key={`${why} ${address} ${node}`}>
                <b>{[node ?? adoption.unnamed, chip, address].filter(Boolean).join(' · ')}</b>: {adoption.why[why].what}
                {count === 1 ? '' : ` · ${adoption.times(countText(count, words))}`} · {dateAndTime(last)}
                <p class="aside">{adoption.why[why].next}</p>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
