import { type NodeProfile, pointsOf } from '../../../device-profiles/profile.ts';
import { wantedPoints } from '../../driver/instrument.ts';
import type { Complain } from './fault.ts';
import type { KnownInstrument } from './instruments.ts';

/** Periods that a node can average over, milliseconds. */
const [shortest, longest] = [10_000, 3_600_000];

/** Checks what a site says of what is wired to its sensor nodes. */
export function checkNodes(instruments: readonly KnownInstrument[], complain: Complain): void {
  const earlier: KnownInstrument[] = [];
  for (const one of instruments) {
    const { index, fields, profile } = one;
    const path = (field: string): PropertyKey[] => ['instruments', index, field];
    const isNode = profile.protocol === 'node';
    if (!isNode) {
      if (fields.node === undefined) continue;
      const fault = { en: `${fields.profile} hangs on no node`, zh: `${fields.profile} 不接在节点上` };
      complain(path('node'), fault, { en: 'delete this field', zh: '删去此项' });
      continue;
    }
    checkOne(one, profile, complain);
    checkBeside(one, profile, earlier, complain);
    earlier.push(one);
  }
}

/** Warns of nodes that have no account at the gateway's own broker: nothing of them is let in until they have. */
export function checkAdopted(
  instruments: readonly KnownInstrument[],
  adopted: readonly string[],
  warn: Complain,
): void {
  for (const { index, fields, linkSettings } of instruments) {
    const isOwn = linkSettings?.kind === 'nodes' && linkSettings.listen !== undefined;
    if (!isOwn || fields.node === undefined || adopted.includes(fields.node)) continue;
    const known = adopted.length === 0 ? '' : `; ${adopted.join(', ')}`;
    warn(
      ['instruments', index, 'node'],
      {
        en: `no node was adopted as ${fields.node}${known && `, only${known.slice(1)}`}`,
        zh: `没有名为 ${fields.node} 的已接入节点${known && `，已有${known.slice(1)}`}`,
      },
      {
        en: 'adopt it on the page or with fenceline node adopt, or write the id of one that was',
        zh: '在页面上或用 fenceline node adopt 接入，或写已接入节点的名称',
      },
    );
  }
}

function checkOne({ index, fields, wrong, linkSettings }: KnownInstrument, profile: NodeProfile, complain: Complain) {
  if (linkSettings !== undefined && linkSettings.kind !== 'nodes') {
    complain(
      ['instruments', index, 'link'],
      {
        en: `${fields.profile} hangs on a sensor node, and ${fields.link} is a line`,
        zh: `${fields.profile} 接在传感器节点上，而 ${fields.link} 是线路`,
      },
      { en: 'put it on a link of "kind": "nodes"', zh: '改用 "kind": "nodes" 的链路' },
    );
  }
  if (fields.node === undefined && !wrong.has('node')) {
    complain(
      ['instruments', index, 'node'],
      { en: 'is missing: which node does it hang on?', zh: '缺少此项：接在哪个节点上？' },
      {
        en: 'write the id that the node was adopted under, such as "esp-7f3a12"',
        zh: '写接入节点时的名称，如 "esp-7f3a12"',
      },
    );
  }
  const { every } = fields;
  if (every !== undefined && (every < shortest || every > longest || every % 1000 !== 0)) {
    complain(
      ['instruments', index, 'every'],
      { en: 'no node averages over that', zh: '节点不支持这一周期' },
      {
        en: 'write the node\'s period, 10s to 60min in whole seconds, usually "60s"',
        zh: '写节点的周期，10s 到 60min 的整秒数，通常为 "60s"',
      },
    );
  }
  const settings = { ...fields, point: fields.point ?? 'anywhere' };
  if (wrong.has('fitted') || wantedPoints({ settings }, pointsOf(profile)).length > 0) return;
  const all = pointsOf(profile).map(({ id }) => id);
  complain(
    ['instruments', index, 'fitted'],
    { en: 'is missing: what is connected?', zh: '缺少此项：接了什么？' },
    { en: `name one of: ${all.join(', ')}`, zh: `可写：${all.join('、')}` },
  );
}

/** Of one node each column is one value, and all of them are of one period. */
function checkBeside(
  { index, fields }: KnownInstrument,
  profile: NodeProfile,
  earlier: readonly KnownInstrument[],
  complain: Complain,
): void {
  const own = columnsOf(fields, profile);
  for (const other of earlier) {
    if (fields.node === undefined || other.fields.node !== fields.node || other.fields.link !== fields.link) continue;
    const shared = columnsOf(other.fields, other.profile as NodeProfile).find((column) => own.includes(column));
    if (shared !== undefined) {
      complain(
        ['instruments', index, 'node'],
        {
          en: `${other.fields.id} already has the column ${shared} of ${fields.node}`,
          zh: `${fields.node} 的 ${shared} 列已由 ${other.fields.id} 使用`,
        },
        { en: 'name another node, or leave one of the two out', zh: '改写其他节点，或删去其中一个' },
      );
    }
    if (fields.every === undefined || other.fields.every === undefined || fields.every === other.fields.every) continue;
    complain(
      ['instruments', index, 'every'],
      {
        en: `${other.fields.id} on the same node has another period`,
        zh: `同一节点上的 ${other.fields.id} 周期不同`,
      },
      { en: 'a node has one period: write the same for both', zh: '一个节点只有一个周期：两处写成一样' },
    );
  }
}

function columnsOf(fields: KnownInstrument['fields'], profile: NodeProfile): string[] {
  const settings = { ...fields, point: fields.point ?? 'anywhere' };
  return wantedPoints({ settings }, profile.points).map(({ column }) => column);
}
