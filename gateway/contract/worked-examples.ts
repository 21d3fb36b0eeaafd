import { createPrivateKey, type KeyObject } from 'node:crypto';
import { chainStart } from '../record/chain.ts';
import type { Entry, PeriodRecord } from '../record/record.ts';
import { publicKeyText } from '../record/signature.ts';
import type { Birth } from './birth.ts';
import { type Command, signCommand, signedCommandText } from './command.ts';
import { type BatchContent, encodeBatch, toBatch } from './encode.ts';
import type { Receipt } from './receipt.ts';
import type { Reply } from './reply.ts';
import type { Status } from './status.ts';
import { type Address, type Leaf, topicOf } from './topics.ts';
import { followChain } from './verify.ts';

/** One published example: a message as it stands on its topic, and for a batch what a receiver must make of it. */
export interface WorkedExample {
  readonly topic: string;
  readonly retain: boolean;
  /** The message, where it is JSON text. */
  readonly message?: object;
  /** The message, where it is zlib: base64. */
  readonly base64?: string;
  /** For a command: the text that its signature covers. */
  readonly signed?: string;
  /** For a batch: each entry's canonical JSON, and the chain hash after it. */
  readonly entries?: readonly { readonly seq: number; readonly canonical: string; readonly hash: string }[];
}

/** The private key of RFC 8032 section 7.1, test 1: known to everybody, so it signs nothing but examples. */
function exampleKey(): KeyObject {
  const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
  // PKCS #8 wrapping of an Ed25519 seed (RFC 8410 section 7).
  const der = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex');
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

const address: Address = { area: '320404', gateway: 'zl-0001' };
const [stream, epoch] = ['records', '3f0c9a52'] as const;
const site = '5a0d3c1be1f2a790';

function minute(minutes: number, factor: 'pm10' | 'temperature', average: number | null): PeriodRecord {
  const isThere = average !== null;
  return {
    kind: 'minute',
    point: 'north-gate',
    factor,
    from: `2026-11-24T11:${String(40 + minutes).padStart(2, '0')}:00.000+08:00`,
    average,
    minimum: isThere ? Math.round(average * 10 - 7) / 10 : null,
    maximum: isThere ? Math.round(average * 10 + 9) / 10 : null,
    count: isThere ? 15 : 0,
    expected: 15,
    flag: isThere ? 'N' : 'B',
    reason: isThere ? null : 'no-answer',
    basis: isThere ? null : 'observed',
    revision: 0,
    origin: 'measured',
  };
}

/** It told a value, and that it is not to be relied on. */
function warmingUp(minutes: number): PeriodRecord {
  return { ...minute(minutes, 'temperature', 5.6), flag: 'D', reason: 'warm-up', basis: 'observed' };
}

/** A counter among others: it alone has a total. */
function counterMinute(minutes: number): Entry {
  const reading = 18_250 + minutes * 0.25;
  const values = { average: reading, minimum: reading, maximum: reading, total: minutes === 0 ? null : 0.25 };
  return { ...minute(minutes, 'temperature', 1), point: 'fan', factor: 'energy-import', ...values } as Entry;
}

function contentOf(entries: readonly Entry[], late: boolean): BatchContent {
  const before = chainStart(address.gateway, stream, epoch);
  const numbered = entries.map((entry, i) => ({ seq: i + 1, entry }));
  const { after } = followChain({ before, entries: numbered, absent: [] });
  return { stream, epoch, from: 1, to: entries.length, before, after, site, late, entries: numbered, absent: [] };
}

/** The chain goes on over a stretch that is gone, by the hash that is given for its end. */
function absentContent(begun: BatchContent): BatchContent {
  const gone = { before: begun.after, entries: [{ seq: 6, entry: minute(8, 'pm10', 1) }], absent: [] };
  const absent = [[6, 6, 'expired', followChain(gone).after]] as const;
  const entries = [
    { seq: 5, entry: minute(7, 'pm10', 41.2) },
    { seq: 7, entry: minute(9, 'pm10', 40.9) },
  ];
  const { after } = followChain({ before: begun.after, entries, absent });
  return { ...begun, from: 5, to: 7, before: begun.after, after, late: true, entries, absent };
}

function example(leaf: Leaf, message: object): WorkedExample {
  return { topic: topicOf(address, leaf), retain: leaf === 'birth' || leaf === 'status', message };
}

function batchExample(content: BatchContent, isPacked: boolean): WorkedExample {
  const { links } = followChain(content);
  const entries = links.map(({ seq, canonical, hash }) => ({ seq, canonical, hash }));
  const key = exampleKey();
  if (!isPacked) return { ...example('data', toBatch(content, address.gateway, key)), entries };
  const base64 = Buffer.from(encodeBatch(content, address.gateway, key).payload).toString('base64');
  return { topic: topicOf(address, 'data'), retain: false, base64, entries };
}

const told = { v: 1, id: 'c-20261124-0007', replyTo: 'desk 3', site } as const;

/** A command that changes the site, signed, and what may come back. */
function commandExamples(): Record<string, WorkedExample> {
  const command: Command = {
    v: 1,
    id: told.id,
    counter: 1_795_491_600_000,
    expires: '2026-11-24T12:00:00.000+08:00',
    base: site,
    replyTo: told.replyTo,
    body: { kind: 'intervals', every: { 'dust-1': '10s' } },
  };
  const refusal: Reply = {
    ...told,
    at: '2026-11-24T11:50:00.412+08:00',
    outcome: 'refused',
    reason: 'stale',
    detail: 'the command is based on site version 0f0f0f0f0f0f0f0f, and 5a0d3c1be1f2a790 is in force',
    remedy: 'look at birth, and base a new command with a new id on the version in force',
  };
  const accepted: Reply = { ...told, at: '2026-11-24T11:50:00.412+08:00', outcome: 'accepted' };
  const done: Reply = {
    ...told,
    at: '2026-11-24T11:50:03.870+08:00',
    outcome: 'done',
    site: 'c0ffee1be1f2a790',
    result: { from: site, to: 'c0ffee1be1f2a790' },
  };
  return {
    command: {
      ...example('command', signCommand(address, command, exampleKey())),
      signed: signedCommandText(address, command),
    },
    'reply-accepted': example('reply', accepted),
    'reply-done': example('reply', done),
    'reply-refused': example('reply', refusal),
  };
}

/** The examples by the name of their file. Pure; only the compressed one may differ in bytes between zlib versions. */
export function workedExamples(): { readonly [name: string]: WorkedExample } {
  const first = contentOf(
    [
      {
        kind: 'audit',
        at: '2026-11-24T11:39:58.120+08:00',
        who: 'gateway',
        action: 'epoch-begun',
        details: { why: 'new store' },
        revision: 0,
      },
      minute(0, 'pm10', 38.4),
      minute(0, 'temperature', 6.2),
      minute(1, 'pm10', null),
    ],
    false,
  );
  const series = [38.4, 39, 39.4, 41.1, 40.8, 40.2, null, 39.9, 39.7, 39.9, 40.1, 40, 39.8, 39.5, 39.9, 40.4, 40.3, 40];
  const backlog = contentOf(
    series.flatMap((average, i) => [
      minute(i, 'pm10', average),
      i === 4 ? warmingUp(i) : minute(i, 'temperature', 6 - i / 10),
      counterMinute(i),
    ]),
    true,
  );
  const birth: Birth = {
    v: 1,
    ...address,
    at: '2026-11-24T11:39:58.000+08:00',
    software: { name: 'fenceline', version: '0.1.0' },
    alg: 'Ed25519',
    publicKey: publicKeyText(exampleKey()),
    site,
    source: {
      name: '延陵路改造工程',
      kind: 'construction-site',
      longitude: 119.93,
      latitude: 31.78,
      datum: 'CGCS2000',
    },
    points: [{ id: 'north-gate', place: '北门' }],
    instruments: [{ id: 'dust-1', profile: 'jxct/jxbs-3001-pm', point: 'north-gate' }],
    factors: [
      { factor: 'pm10', hj212: 'a34002', zh: 'PM10', en: 'PM10', unit: 'µg/m³', decimals: 1 },
      { factor: 'temperature', hj212: 'a01001', zh: '气温', en: 'Air temperature', unit: '°C', decimals: 1 },
    ],
  };
  const session = '8d0ff9fc-3f0b-4f9d-8f3e-6f1d6a0f5c11';
  const online: Status = {
    v: 1,
    online: true,
    session,
    connectedAt: '2026-11-24T11:40:01.250+08:00',
    at: '2026-11-24T11:41:01.250+08:00',
    every: 60,
    streams: [
      { stream: 'records', epoch, head: 7, oldest: 1 },
      { stream: 'samples', epoch: 'b81e40d7', head: 0, oldest: 1 },
    ],
    backlog: { records: 3, samples: 0, refused: 0, oldest: '2026-11-24T11:40:59.900+08:00' },
  };
  const receipt: Receipt = {
    v: 1,
    stream,
    epoch,
    have: [
      [1, 3],
      [5, 7],
    ],
    hashes: [followChain(first).links[2]?.hash ?? null, absentContent(first).after],
    refused: [[4, 'unknown point']],
  };
  return {
    birth: example('birth', birth),
    'status-online': example('status', online),
    'status-offline': example('status', { v: 1, online: false, session } satisfies Status),
    batch: batchExample(first, false),
    'batch-absent': batchExample(absentContent(first), false),
    'batch-compressed': batchExample(backlog, true),
    receipt: example('receipt', receipt),
    ...commandExamples(),
  };
}
