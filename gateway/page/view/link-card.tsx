import type { LinkPicture, Outcome } from '../../http/picture.ts';
import { bytesText, countText, percentText } from '../format.ts';
import { placeOf } from '../problems/problems.ts';
import { type Fact, Facts } from './facts.tsx';
import { useWords } from './language-context.ts';
import { Transactions } from './line/transactions.tsx';
import { NodesOfBroker } from './nodes/nodes-of-broker.tsx';
import { Pill } from './pill.tsx';

/** A line: whether it is open, how busy it is, and how the requests on it ended. */
export function LinkCard({ link, lost }: { link: LinkPicture; lost: boolean }) {
  const { words } = useWords();
  const { id, kind, address, settings, state, fault, overload, utilisation, echo } = link;
  // A reflection now and then is no adapter that hears itself.
  const hearsItself = echo !== null && echo >= 0.5;
  // A board is told and heard all the time: there are no questions to count.
  const isAsked = kind !== 'firmata' && kind !== 'nodes';
  const facts: Fact[] = [
    { name: words.utilisation, value: utilisation === null ? words.utilisationUnknown : <Busy share={utilisation} /> },
    { name: words.transactions, value: <Outcomes link={link} /> },
  ];
  return (
    <article class="card" id={placeOf.link(id)}>
      <header>
        <div>
          <h3>{id}</h3>
          <p class="about">
            {[words.linkKind[kind], settings].filter(Boolean).join(' · ')} · <span class="address">{address}</span>
          </p>
        </div>
        {lost ? (
          <Pill tone="quiet">{words.stale}</Pill>
        ) : (
          <Pill tone={state === 'open' ? 'good' : fault === null ? 'quiet' : 'bad'}>{words.linkState[state]}</Pill>
        )}
      </header>
      {fault === null ? null : (
        <p class="fault">
          {words.linkFault[kind][fault.kind]} <small lang="en">{fault.message}</small>
        </p>
      )}
      {overload === null ? null : <p class="fault">{words.overload(percentText(overload))}</p>}
      <Silence link={link} />
      {hearsItself ? <p class="aside">{words.line.hearsItself(percentText(echo))}</p> : null}
      {isAsked ? (
        <>
          <Facts facts={facts} />
          <p class="aside">{words.bytes(bytesText(link.bytesIn), bytesText(link.bytesOut))}</p>
          <Transactions link={link} />
        </>
      ) : null}
      {link.nodes === undefined ? null : <NodesOfBroker nodes={link.nodes} />}
    </article>
  );
}

/** Whether the line may be spoken on, where there is something to be said of it. */
function Silence({ link: { silence } }: { link: LinkPicture }) {
  const { words } = useWords();
  const told = words.line.silence;
  if (silence === null) return null;
  const asked = silence.asked.join(', ');
  switch (silence.state) {
    case 'clear':
      return null;
    case 'listening':
      return <p class="aside">{told.listening}</p>;
    case 'not-understood':
      return <p class="fault">{told.notUnderstood(bytesText(silence.junk))}</p>;
    case 'other-master':
      return <p class="fault">{told.otherMaster(asked)}</p>;
    case 'only-listening':
      return <p class="aside">{asked === '' ? told.onlyListening : told.onlyListeningTo(asked)}</p>;
  }
}

function Busy({ share }: { share: number }) {
  return (
    <span class="busy">
      {percentText(share)}
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="all" width="100" height="6" rx="3" />
        <rect class="part" width={Math.min(100, share * 100)} height="6" rx="3" />
      </svg>
    </span>
  );
}

function Outcomes({ link }: { link: LinkPicture }) {
  const { words } = useWords();
  const happened = (Object.entries(link.counters) as [Outcome, number][]).filter(([, count]) => count > 0);
  if (happened.length === 0) return <>{words.noTransactions}</>;
  return (
    <ul class="outcomes">
      {happened.map(([outcome, count]) => (
        <li key={outcome} class={outcome === 'ok' ? '' : 'bad'}>
          <b>{countText(count, words)}</b> {words.outcome[outcome]}
        </li>
      ))}
    </ul>
  );
}
