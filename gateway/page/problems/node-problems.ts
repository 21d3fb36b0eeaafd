import type { LinkPicture, NodePicture } from '../../http/picture.ts';
import { type Seen, sinceStamp } from '../feed/picture-age.ts';
import { countText, durationText, percentText } from '../format.ts';
import type { Words } from '../words/words.ts';

/** Milliseconds that a node may be away, and that one may take to come after the gateway's start, before it is told. */
const absence = 120_000;

/** What of a node somebody should look at. Weak Wi-Fi and restarts stand on its card: they may go on for years. */
export function nodeProblems(node: NodePicture, seen: Seen, words: Words): readonly string[] {
  const { problem } = words.nodes;
  const { id, droppedSince, health, update, configuration, troubles } = node;
  const told: string[] = [...absenceOf(node, seen, words)];
  if (droppedSince > 0) told.push(problem.dropped(id, countText(droppedSince, words)));
  if (health !== null && health.flashAllowed > 0 && health.flashUsed / health.flashAllowed >= 0.8) {
    told.push(problem.nearlyFull(id, percentText(health.flashUsed / health.flashAllowed)));
  }
  if (update?.state === 'rolled-back') told.push(problem.rolledBack(id, update.version));
  if (update?.state === 'refused' || update?.state === 'failed') told.push(problem.notTaken(id, update.version));
  if (configuration?.state === 'refused' || configuration?.state === 'rolled-back') {
    told.push(problem.configuration(id));
  }
  for (const { trouble, count } of troubles) {
    if (trouble === 'replayed-boot') told.push(problem.replayed(id));
    if (trouble === 'rows-lost') told.push(problem.lost(id, countText(count, words)));
  }
  return told;
}

function absenceOf({ id, connected, since, instruments }: NodePicture, seen: Seen, words: Words): readonly string[] {
  // Nobody waits for one that no instrument is on.
  if (connected || instruments.length === 0) return [];
  const { problem } = words.nodes;
  const away = sinceStamp(since ?? seen.picture.gateway.startedAt, seen);
  if (away < absence) return [];
  return [since === null ? problem.neverSeen(id) : problem.away(id, durationText(away, words))];
}

/** Why a node that is away was turned away since it was last there; undefined where it was not. */
export function refusalOf({ id, connected, since }: NodePicture, { picture }: Seen): Refusal | undefined {
  if (connected) return undefined;
  // Being turned away ends its connection a moment later.
  const from = since === null ? 0 : Date.parse(since) - 2000;
  const all = picture.links.flatMap(({ nodes }) => nodes?.turnedAway ?? []);
  return all.find(({ node, last }) => node === id && Date.parse(last) >= from)?.why;
}

type Refusal = NonNullable<LinkPicture['nodes']>['turnedAway'][number]['why'];

/** Starts that no person and no update made. */
const unwanted = ['watchdog', 'exception', 'brownout', 'heap'];
const inRow = 4;
const shortlyAfter = 600_000;

/** Whether it starts again and again: the last four times without a person, and the last one just now. */
export function keepsStarting({ boots, at, startedAt }: NonNullable<NodePicture['health']>): boolean {
  const last = boots.slice(-inRow);
  const isShort = Date.parse(at) - Date.parse(startedAt) < shortlyAfter;
  return isShort && last.length === inRow && last.every((reason) => unwanted.includes(reason));
}
