import type { GatewayTimes } from '../world/gateway-times.ts';
import { type Boot, type SaidRow, type SoakNode, valuesOfFrame } from '../world/soak-node.ts';
import type { Told } from './told.ts';

/** In RAM when the power goes, seconds: three minutes of rows that wait, and the period that is not over. */
const mostInRam = 3 * 60 + 62;
/** Readings of a Plantower are not taken so long after it began to speak, seconds. */
const unsteady = 30;
/** Whole seconds on either side, and the way of a message, milliseconds. */
const slack = 3000;

const factorsOfNode = ['pm1', 'pm2.5', 'pm10'];

export interface NodeTruth {
  readonly node: SoakNode;
  readonly told: Told;
  readonly times: GatewayTimes;
  /** Milliseconds from the clock's zero to true wall time. */
  readonly origin: number;
  readonly now: number;
}

export interface NodeFindings {
  readonly divergences: string[];
  /** Rows that are accounted for at the platform, and that power took out of RAM. */
  readonly rows: number;
  readonly lost: number;
}

/** What is wrong with what the platform has of a node, against what its sensor gave; one line each. */
export function nodeFindings(truth: NodeTruth): NodeFindings {
  const { node, told } = truth;
  const divergences = node.contradictions.map((text) => `${node.id}: a row was said in two ways: ${text}`);
  const tell = (text: string): void => void divergences.push(`${node.id}: ${text}`);
  const expected: SaidRow[] = [];
  let lost = 0;
  for (const boot of node.boots) {
    if (boot.endedAt === undefined) node.look(boot);
    if (boot.number === null) continue;
    const { rows, missing } = rowsOf(boot, truth, tell);
    expected.push(...rows);
    lost += missing;
  }
  for (const row of expected) {
    const wrong = wrongOf(row, node);
    if (wrong !== null) tell(wrong);
  }
  const untimed = untimedOf(told, node.id);
  for (const [key, times] of untimed) if (times > 1) tell(`row ${key} stands ${times} times among those without time`);
  comparePlatform(truth, expected, untimed, tell);
  for (const { event, details } of eventsOf(told, node.id)) {
    if (event !== 'node-rows-without-time' && event !== 'late-readings') tell(`${event} ${JSON.stringify(details)}`);
  }
  if (node.rig.panics.length > 0) tell(`Lua: ${node.rig.panics[0]}`);
  return { divergences, rows: expected.length, lost };
}

/** The rows of a boot that must be at the platform, whole and one after the other; and how many power took. */
function rowsOf(
  boot: Boot,
  { node, now }: NodeTruth,
  tell: (text: string) => void,
): { rows: SaidRow[]; missing: number } {
  const number = boot.number as number;
  const last = Math.max(highestInFlash(node, number), node.had.get(number) ?? 0);
  const rows: SaidRow[] = [];
  for (let seq = 1; seq <= last; seq++) {
    const row = node.rows.get(`${number} ${seq}`);
    if (row === undefined) {
      tell(`row ${number} ${seq} was kept and never came`);
      continue;
    }
    const before = rows.at(-1);
    if (before !== undefined && before.seq === seq - 1 && row.start !== before.start + before.length)
      tell(`row ${number} ${seq} begins at ${row.start}, and the one before ended at ${before.start + before.length}`);
    rows.push(row);
  }
  const end = rows.at(-1);
  const until = end === undefined ? 10 : end.start + end.length;
  const left = ((boot.endedAt ?? now) - boot.at) / 1000 - until;
  const most = boot.endedAt === undefined ? 240 : boot.isOwnRestart ? 5 : mostInRam;
  if (left > most)
    tell(`boot ${number} ran ${left.toFixed(0)} s longer than its last row that was kept (at most ${most})`);
  return { rows, missing: boot.endedAt === undefined ? 0 : Math.max(0, Math.floor(left / 60)) };
}

/** In flash at the end of that boot or of any that follows. */
function highestInFlash(node: SoakNode, number: number): number {
  return node.boots.reduce((most, { inFlash }) => Math.max(most, inFlash.get(number) ?? 0), 0);
}

/** What is wrong with a row against the frames that the sensor gave in its period; null if nothing. */
function wrongOf(row: SaidRow, node: SoakNode): string | null {
  const index = node.boots.findIndex(({ number }) => number === row.boot);
  const boot = node.boots[index] as Boot;
  const end = boot.endedAt ?? Number.POSITIVE_INFINITY;
  const heard = framesBetween(node, boot.at, end).map(({ at, number }) => ({
    second: Math.floor((at - boot.at) / 1000),
    number,
  }));
  const ready = heard.filter(({ second }) => second >= row.start - 3 * unsteady);
  const begins = heard[0]?.second ?? 0;
  // A restart of the node's own keeps the period as it stands, with what came in that very second.
  const isLast = boot.isOwnRestart && !node.rows.has(`${row.boot} ${row.seq + 1}`) ? 1 : 0;
  const inside = ready.filter(
    ({ second }) => second >= row.start && second < row.start + row.length + isLast && second > begins + unsteady,
  );
  const values = [0, 1, 2].map((column) => {
    if (inside.length === 0) return null;
    const sum = inside.reduce((all, { number }) => all + (valuesOfFrame(number)[column] as number), 0);
    return Math.floor((20 * sum + inside.length) / (2 * inside.length)) / 10;
  });
  const [said, truth] = [JSON.stringify([row.frames, row.values]), JSON.stringify([inside.length, values])];
  return said === truth
    ? null
    : `row ${row.boot} ${row.seq} (${row.start}+${row.length}) says ${said}, and was ${truth}`;
}

function framesBetween(node: SoakNode, from: number, to: number): { at: number; number: number }[] {
  const { frames } = node;
  let low = 0;
  for (let high = frames.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if ((frames[middle] as { at: number }).at < from) low = middle + 1;
    else high = middle;
  }
  const found: { at: number; number: number }[] = [];
  for (let frame = frames[low]; frame !== undefined && frame.at <= to; frame = frames[++low]) found.push(frame);
  // The chip does not hear in its first seconds: its UART is the console's then.
  return found.filter(({ at }) => at - from >= 5100);
}

interface Shown {
  readonly at: number;
  readonly key: string;
}

/** Each row that measured something is at the platform once, at its time; nothing else is. */
function comparePlatform(
  { node, told, origin, times }: NodeTruth,
  expected: readonly SaidRow[],
  untimed: ReadonlyMap<string, number>,
  tell: (text: string) => void,
): void {
  const shown = Map.groupBy(shownOf(told, node.id), ({ key }) => key);
  for (const row of expected) {
    if (untimed.has(`${row.boot} ${row.seq}`) || row.values.every((value) => value === null)) continue;
    const found = shown.get(JSON.stringify(row.values))?.shift();
    if (found === undefined) {
      tell(`row ${row.boot} ${row.seq} ${JSON.stringify(row.values)} is not at the platform`);
      continue;
    }
    const boot = node.boots.find(({ number }) => number === row.boot) as Boot;
    const middle = boot.at + (row.start + row.length / 2) * 1000;
    const errors = times.errorsBetween(firstOf(node, boot).at, row.at.at(-1) as number);
    const off = found.at - origin - middle;
    if (errors.every((error) => Math.abs(off - error) > slack))
      tell(`row ${row.boot} ${row.seq} is ${Math.round(off)} ms off its time (may be ${errors.join(', ')})`);
  }
  const must = new Set(expected.map(({ boot, seq }) => `${boot} ${seq}`));
  for (const row of node.rows.values()) {
    // One that came, and was lost in the node before it was had, may be there or not.
    if (!must.has(`${row.boot} ${row.seq}`)) shown.get(JSON.stringify(row.values))?.shift();
  }
  for (const [key, more] of shown) if (more.length > 0) tell(`the platform has ${key} ${more.length} times too often`);
}

function shownOf(told: Told, node: string): Shown[] {
  const byMoment = Map.groupBy(told.samplesOf(`dust-${node}`), ({ at }) => at);
  return [...byMoment].flatMap(([at, all]) => {
    const count = Math.max(...factorsOfNode.map((factor) => all.filter((one) => one.factor === factor).length));
    return Array.from({ length: count }, (_, place) => {
      const values = factorsOfNode.map((factor) => all.filter((one) => one.factor === factor)[place]?.value ?? null);
      return { at, key: JSON.stringify(values) };
    }).filter(({ key }) => key !== '[null,null,null]');
  });
}

/** A restart of its own hands on the time that an earlier boot was told. */
function firstOf({ boots }: SoakNode, boot: Boot): Boot {
  let index = boots.indexOf(boot);
  while (index > 0 && (boots[index - 1] as Boot).isOwnRestart) index -= 1;
  return boots[index] as Boot;
}

function eventsOf(told: Told, node: string): { event: string; details: { [name: string]: unknown } }[] {
  return told.events.flatMap((entry) => {
    const details = (entry.details ?? {}) as { [name: string]: unknown };
    return details.node === node ? [{ event: entry.event, details }] : [];
  });
}

function untimedOf(told: Told, node: string): Map<string, number> {
  const times = new Map<string, number>();
  for (const { event, details } of eventsOf(told, node)) {
    if (event !== 'node-rows-without-time') continue;
    for (const [seq] of details.rows as number[][]) {
      const key = `${details.boot} ${seq}`;
      times.set(key, (times.get(key) ?? 0) + 1);
    }
  }
  return times;
}
