import type { Picture } from '../../gateway/http/picture.ts';
import type { HttpPorts } from '../../gateway/http/server.ts';
import { troubledPicture } from './sample-picture.ts';
import { sampleRead, sampleTrace } from './sample-trace.ts';

/** Everything that an API shows, as a test sets it; the parts stand still until the test moves them. */
export class SampleHttpPorts implements HttpPorts {
  now = troubledPicture();
  health: { ok: boolean; faults: readonly string[] } = { ok: true, faults: [] };
  /** What `recent` was asked for. */
  readonly asked: { limit: number; point: string | undefined }[] = [];
  readonly #listeners = new Set<() => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Changes the picture and tells so. */
  show(picture: Picture): void {
    this.now = picture;
    for (const listener of this.#listeners) listener();
  }

  readonly picture: HttpPorts['picture'] = () => this.now;

  readonly subscribe: HttpPorts['subscribe'] = (listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  recent: HttpPorts['recent'] = async (limit, point) => {
    this.asked.push({ limit, point });
    return [
      {
        key: { stream: 'records', epoch: 'e1', seq: 7, hash: '0'.repeat(64) },
        entry: {
          kind: 'minute',
          point: point ?? 'north-gate',
          factor: 'pm10',
          from: '2026-11-24T11:44:00.000+08:00',
          average: 84.93,
          minimum: 80,
          maximum: 90,
          count: 15,
          expected: 15,
          flag: 'N',
          reason: null,
          basis: null,
          revision: 0,
          origin: 'measured',
        },
      },
    ];
  };

  /** Transactions of the line rs485-1, newest last. */
  transactions = sampleTrace();
  /** What `trace` was asked for. */
  readonly traced: { limit: number; after: number }[] = [];

  readonly profile: HttpPorts['profile'] = (instrument) =>
    instrument === 'dust-1'
      ? {
          profile: 'jxct/jxbs-3001-pm',
          confidence: 'C',
          unproven: true,
          sources: ['JXCT manual'],
          gotchas: [{ zh: 'A、B 线接反时完全无应答。', en: 'With A and B swapped there is no answer at all.' }],
        }
      : undefined;

  readonly trace: HttpPorts['trace'] = (link, limit, after) => {
    if (!this.now.links.some(({ id }) => id === link)) return null;
    this.traced.push({ limit, after });
    const mine = link === 'rs485-1' ? this.transactions : [];
    const total = mine.at(-1)?.number ?? 0;
    const overwritten = total - mine.length;
    const newer = mine.filter(({ number }) => number > after);
    return { link, startedAt: this.now.gateway.startedAt, total, overwritten, transactions: newer.slice(-limit) };
  };

  readonly traceText: HttpPorts['traceText'] = (link, language) =>
    this.trace(link, 200, 0) && `${language}: transactions of ${link}\n`;

  /** Instruments that were read, one for each reading. */
  readonly readOnes: string[] = [];
  read: HttpPorts['read'] = async (instrument) => {
    this.readOnes.push(instrument);
    return sampleRead(instrument, this.now);
  };

  /** What becomes of the times that are offered, and which were. */
  offered = { taken: true, said: { zh: '已采用', en: 'taken' } };
  readonly times: number[] = [];
  readonly offerTime: HttpPorts['offerTime'] = (time) => {
    this.times.push(time);
    return this.offered;
  };

  /** Who may switch each relay of the sample board, what switching comes to, and what was asked. */
  relays: Record<string, 'technician' | 'administrator'> = {
    'io lamp': 'technician',
    'io mist-cannon': 'administrator',
  };
  switched: Awaited<ReturnType<HttpPorts['switches']['orderFromPage']>> = {
    ...{ kind: 'done', state: 'on', next: null, until: '2026-11-24T11:46:02.120+08:00' },
  };
  readonly orders: string[] = [];
  readonly switches: HttpPorts['switches'] = {
    roleFor: (instrument, relay) => this.relays[`${instrument} ${relay}`],
    orderFromPage: async (instrument, relay, order, account) => {
      this.orders.push(`${account} ${instrument} ${relay} ${order.on ? `on ${order.seconds}` : 'off'}`);
      return this.switched;
    },
  };

  /** Tables that were asked for, one word each; none is given while `isBusy`. */
  readonly tables: string[] = [];
  isBusy = false;
  table: HttpPorts['table'] = ({ table, from, to, language }) => {
    this.tables.push(`${table} ${from} ${to} ${language}`);
    return this.isBusy ? null : new Blob(['start,value\r\n']).stream();
  };

  readonly metrics: HttpPorts['metrics'] = async () => 'fenceline_info 1\n';
  readonly healthy: HttpPorts['healthy'] = () => this.health;
}
