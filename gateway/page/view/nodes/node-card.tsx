import { Fragment } from 'preact';
import type { NodePicture } from '../../../http/picture.ts';
import { type Seen, sinceStamp } from '../../feed/picture-age.ts';
import { bytesText, countText, dash, dateAndTime, durationText, percentText } from '../../format.ts';
import { keepsStarting, refusalOf } from '../../problems/node-problems.ts';
import { placeOf } from '../../problems/problems.ts';
import type { Signal } from '../../words/node/words.ts';
import { type Fact, Facts } from '../facts.tsx';
import { useWords } from '../language-context.ts';
import { Pill } from '../pill.tsx';

/** Received signal strength in words, dBm: a node loses frames from about -75 on, and its connection from about -85. */
function signalOf(rssi: number): Signal {
  if (rssi >= -60) return 'strong';
  if (rssi >= -72) return 'fair';
  return rssi >= -82 ? 'weak' : 'faint';
}

/** Milliseconds without a good frame from which a sensor's silence is a fault. */
const longSilence = 60_000;

/** A sensor node: whether it is there, how it is, what waits on it, and what it was offered. */
export function NodeCard({ node, seen }: { node: NodePicture; seen: Seen }) {
  const { words } = useWords();
  const { id, instruments, connected, since, health, chipId, address } = node;
  const lasts = since === null ? null : durationText(sinceStamp(since, seen), words);
  const about = [
    health?.chip.toUpperCase(),
    instruments.length === 0 ? words.nodes.noInstrument : words.nodes.serves(instruments.join(', ')),
  ];
  return (
    <article class="card" id={placeOf.node(id)}>
      <header>
        <div>
          <h3>{id}</h3>
          <p class="about">
            {about.filter(Boolean).join(' · ')}
            {chipId === null ? null : (
              <>
                {' '}
                · <span class="address">{[chipId, address].filter(Boolean).join(' ')}</span>
              </>
            )}
          </p>
        </div>
        <Presence node={node} lost={seen.lost} />
      </header>
      {connected ? (
        <p class="aside">{lasts === null ? '' : words.nodes.connectedFor(lasts)}</p>
      ) : (
        <Absence node={node} lasts={lasts} seen={seen} />
      )}
      <Troubles node={node} />
      <Offers node={node} />
      {health === null ? null : <Health node={node} health={health} seen={seen} />}
    </article>
  );
}

/** Since when it is away, and what to do: where it was turned away, about that. */
function Absence({ node, lasts, seen }: { node: NodePicture; lasts: string | null; seen: Seen }) {
  const { words } = useWords();
  const { nodes, adoption } = words;
  const refusal = refusalOf(node, seen);
  const away = lasts === null ? nodes.neverSeenNext : nodes.awayFor(lasts);
  if (refusal !== undefined) {
    return (
      <>
        {lasts === null ? null : <p class="fault">{away}</p>}
        <p class="fault">{nodes.turnedAway(adoption.why[refusal].what)}</p>
        <p class="aside">{adoption.why[refusal].next}</p>
      </>
    );
  }
  return (
    <>
      <p class="fault">{away}</p>
      {lasts === null ? null : (
        <p class="aside">
          {nodes.awayNext} {node.why === null ? null : <Went why={node.why} />}
        </p>
      )}
    </>
  );
}

function Presence({ node: { connected, since }, lost }: { node: NodePicture; lost: boolean }) {
  const { words } = useWords();
  if (lost) return <Pill tone="quiet">{words.stale}</Pill>;
  if (connected) return <Pill tone="good">{words.nodes.connected}</Pill>;
  return since === null ? (
    <Pill tone="warning">{words.nodes.neverSeen}</Pill>
  ) : (
    <Pill tone="bad">{words.nodes.away}</Pill>
  );
}

function Troubles({ node: { troubles } }: { node: NodePicture }) {
  const { words } = useWords();
  return (
    <>
      {troubles.map(({ trouble, count, at, message }) => (
        <Fragment key={trouble}>
          <p class="fault">
            {words.nodes.trouble[trouble].what(countText(count, words))} <Detail trouble={trouble} message={message} />{' '}
            · {dateAndTime(at)}
          </p>
          <p class="aside">{words.nodes.trouble[trouble].next}</p>
        </Fragment>
      ))}
    </>
  );
}

function Detail({ trouble, message }: { trouble: NodePicture['troubles'][number]['trouble']; message: string }) {
  const { words } = useWords();
  const own = words.nodes.trouble[trouble].detail?.(message);
  return own === undefined || own === message ? <small lang="en">{message}</small> : <small>{own}</small>;
}

/** What it was offered over the air, and what became of it. */
function Offers({ node: { update, configuration: offered, health } }: { node: NodePicture }) {
  const { words } = useWords();
  const { nodes } = words;
  // One that was in force is history once the node tells of another, such as one that came by cable.
  const isPast = offered?.state === 'in-force' && health !== null && health.configuration !== offered.version;
  const configuration = isPast ? null : offered;
  const isBad = update !== null && ['refused', 'rolled-back', 'failed', 'held'].includes(update.state);
  const isRefused = configuration?.state === 'refused' || configuration?.state === 'rolled-back';
  return (
    <>
      {update === null ? null : (
        <p class={isBad ? 'fault' : 'aside'}>
          {nodes.update[update.state](update.version, percentText(update.of === 0 ? 0 : update.done / update.of))}{' '}
          {update.why === null || update.why === update.state ? null : <small lang="en">{update.why}</small>}
        </p>
      )}
      {update !== null && nodes.updateNext[update.state] !== undefined ? (
        <p class="aside">{nodes.updateNext[update.state]}</p>
      ) : null}
      {configuration === null ? null : (
        <p class={isRefused ? 'fault' : 'aside'}>
          {nodes.configured[configuration.state](String(configuration.version))}{' '}
          {nodes.fieldsAre(configuration.fields.map((field) => nodes.field[field] ?? field))}{' '}
          {configuration.why === null || configuration.why === configuration.state ? null : (
            <small lang="en">{configuration.why}</small>
          )}
        </p>
      )}
      {isRefused ? <p class="aside">{nodes.configuredNext}</p> : null}
    </>
  );
}

function Health({ node, health, seen }: { node: NodePicture; health: NonNullable<NodePicture['health']>; seen: Seen }) {
  const { words } = useWords();
  const { nodes } = words;
  const count = (number: number): string => countText(number, words);
  const used = health.flashAllowed === 0 ? 0 : health.flashUsed / health.flashAllowed;
  const ago = durationText(sinceStamp(health.at, seen), words);
  const signal = health.rssi === null ? null : signalOf(health.rssi);
  const isWeak = signal === 'weak' || signal === 'faint';
  // What it said is as old as its hello; a silence has gone on since.
  const silence = health.silent === null ? null : health.silent * 1000;
  const facts: Fact[] = [
    {
      name: nodes.signal,
      value: signal === null ? dash : `${nodes.signalIs[signal]} (${String(health.rssi).replace('-', '−')} dBm)`,
      ...(isWeak ? { tone: 'warning' as const } : {}),
    },
    {
      name: nodes.held,
      value: nodes.heldIs(count(health.held), percentText(used)),
      ...(used >= 0.8 ? { tone: 'warning' as const } : {}),
    },
    {
      name: nodes.dropped,
      value: count(health.dropped),
      ...(node.droppedSince > 0 ? { tone: 'bad' as const } : {}),
    },
    ...(health.torn > 0 ? [{ name: nodes.torn, value: count(health.torn) }] : []),
    ...sensorFacts(),
    { name: nodes.firmware, value: health.version },
    { name: nodes.configuration, value: String(health.configuration) },
    { name: nodes.memory, value: nodes.memoryIs(bytesText(health.heap), bytesText(health.lowest)) },
    {
      name: nodes.starts,
      value: nodes.startsAre(count(health.boot), durationText(sinceStamp(health.startedAt, seen), words)),
    },
  ];
  function sensorFacts(): Fact[] {
    if (silence === null) return [];
    const isLong = silence > longSilence;
    return [
      { name: nodes.frames, value: nodes.framesAre(count(health.goodFrames), count(health.badFrames)) },
      ...(isLong ? [{ name: nodes.silent, value: durationText(silence, words), tone: 'bad' as const }] : []),
    ];
  }
  return (
    <>
      {keepsStarting(health) ? <p class="fault">{nodes.startingNext}</p> : null}
      {isWeak ? <p class="aside">{nodes.weakNext}</p> : null}
      <Facts facts={facts} />
      <p class="aside">
        {nodes.lastStarts(health.boots.map((reason) => nodes.startReason[reason] ?? reason))} · {nodes.saidAgo(ago)}
      </p>
    </>
  );
}

function Went({ why }: { why: string }) {
  const { words } = useWords();
  const known = words.nodes.went[why];
  return known === undefined ? <small lang="en">{why}</small> : <small>{known}</small>;
}
