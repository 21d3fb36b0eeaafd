import { Gauge, Registry } from 'prom-client';
import type { NodePicture, Picture, SlavePicture } from './picture.ts';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

/** A figure of the picture as Prometheus sees it: names with their unit, `_total` for what only grows until a restart. */
interface Figure {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly samples: (picture: Picture) => readonly Sample[];
}

/** Of every slave of every line. An instrument that talks unasked has no slave address and is told as `none`. */
function ofSlaves(samples: (slave: SlavePicture) => readonly Sample[]): Figure['samples'] {
  return ({ links }) =>
    links.flatMap(({ id: link, slaves }) =>
      slaves.flatMap((slave) => {
        const address = slave.address === null ? 'none' : String(slave.address);
        return samples(slave).map(([labels, value]): Sample => [{ link, address, ...labels }, value]);
      }),
    );
}

const conditions = ['starting', 'answering', 'not-answering', 'left-out'] as const;

/** Of every node that has said hello. */
function ofNodes(value: (health: NonNullable<NodePicture['health']>) => number | null): Figure['samples'] {
  return ({ nodes }) =>
    nodes.flatMap(({ id, health }): Sample[] => {
      const told = health === null ? null : value(health);
      return told === null ? [] : [[{ node: id }, told]];
    });
}

const figures: readonly Figure[] = [
  {
    name: 'fenceline_info',
    help: 'Which gateway this is',
    labels: ['gateway', 'area', 'version', 'site'],
    samples: ({ gateway: { id, area, version, site } }) => [[{ gateway: id, area, version, site }, 1]],
  },
  {
    name: 'fenceline_site_faults',
    help: 'Faults in the site document in force',
    labels: [],
    samples: ({ gateway }) => [[{}, gateway.siteFaults.length]],
  },
  {
    name: 'fenceline_value',
    help: 'Current value of a series in its unit; absent while there is none',
    labels: ['point', 'factor', 'unit', 'instrument'],
    samples: ({ instruments }) =>
      instruments.flatMap(({ id, values }) =>
        values.flatMap(({ point, factor, unit, value }): Sample[] =>
          value === null ? [] : [[{ point, factor, unit, instrument: id }, value]],
        ),
      ),
  },
  {
    name: 'fenceline_value_age_seconds',
    help: 'Age of the current value, or since it was given up',
    labels: ['point', 'factor', 'instrument'],
    samples: ({ instruments }) =>
      instruments.flatMap(({ id, values }) =>
        values.flatMap(({ point, factor, age }): Sample[] =>
          age === null ? [] : [[{ point, factor, instrument: id }, age / 1000]],
        ),
      ),
  },
  {
    name: 'fenceline_instrument_condition',
    help: '1 for the condition the instrument is in',
    labels: ['instrument', 'condition'],
    samples: ({ instruments }) =>
      instruments.flatMap((one) =>
        conditions.map((condition): Sample => [{ instrument: one.id, condition }, one.condition === condition ? 1 : 0]),
      ),
  },
  {
    name: 'fenceline_instrument_transactions_total',
    help: 'Transactions with an instrument by how they ended',
    labels: ['instrument', 'outcome'],
    samples: ({ instruments }) =>
      instruments.flatMap(({ id, counters }) =>
        Object.entries(counters).map(([outcome, count]): Sample => [{ instrument: id, outcome }, count]),
      ),
  },
  {
    name: 'fenceline_link_open',
    help: '1 while the line is open',
    labels: ['link'],
    samples: ({ links }) => links.map(({ id, state }) => [{ link: id }, state === 'open' ? 1 : 0]),
  },
  {
    name: 'fenceline_link_bytes_total',
    help: 'Bytes on the line',
    labels: ['link', 'direction'],
    samples: ({ links }) =>
      links.flatMap(({ id, bytesIn, bytesOut }): Sample[] => [
        [{ link: id, direction: 'in' }, bytesIn],
        [{ link: id, direction: 'out' }, bytesOut],
      ]),
  },
  {
    name: 'fenceline_link_utilisation_ratio',
    help: 'Share of the last minute in which the line was busy',
    labels: ['link'],
    samples: ({ links }) =>
      links.flatMap(({ id, utilisation }): Sample[] => (utilisation === null ? [] : [[{ link: id }, utilisation]])),
  },
  {
    name: 'fenceline_link_echo_ratio',
    help: 'Share of the last requests that came back to us: the adapter hears itself',
    labels: ['link'],
    samples: ({ links }) => links.flatMap(({ id, echo }): Sample[] => (echo === null ? [] : [[{ link: id }, echo]])),
  },
  {
    name: 'fenceline_slave_transactions_total',
    help: 'Transactions with a slave of a line by how they ended, as far as that happened',
    labels: ['link', 'address', 'outcome'],
    samples: ofSlaves(({ total }) =>
      Object.entries(total.outcomes).map(([outcome, count]): Sample => [{ outcome }, count]),
    ),
  },
  {
    name: 'fenceline_slave_response_seconds',
    help: 'Time from the end of a request to the last byte of the answer, over the last 100 transactions',
    labels: ['link', 'address', 'statistic'],
    samples: ofSlaves(({ response }) =>
      (['median', 'largest'] as const).flatMap((statistic): Sample[] =>
        response === null ? [] : [[{ statistic }, response[statistic] / 1000]],
      ),
    ),
  },
  {
    name: 'fenceline_slave_junk_bytes_total',
    help: 'Bytes stepped over before, behind or instead of an answer',
    labels: ['link', 'address'],
    samples: ofSlaves(({ total }) => [[{}, total.junk]]),
  },
  {
    name: 'fenceline_slave_echoes_total',
    help: 'Transactions in which our own request came back',
    labels: ['link', 'address'],
    samples: ofSlaves(({ total }) => [[{}, total.echoes]]),
  },
  {
    name: 'fenceline_slave_late_total',
    help: 'Transactions before which an answer to an earlier request came too late',
    labels: ['link', 'address'],
    samples: ofSlaves(({ total }) => [[{}, total.late]]),
  },
  {
    name: 'fenceline_node_connected',
    help: '1 while the node is connected',
    labels: ['node'],
    samples: ({ nodes }) => nodes.map(({ id, connected }) => [{ node: id }, connected ? 1 : 0]),
  },
  {
    name: 'fenceline_node_info',
    help: 'Firmware and chip of a node',
    labels: ['node', 'version', 'chip'],
    samples: ({ nodes }) =>
      nodes.flatMap(({ id, health }): Sample[] =>
        health === null ? [] : [[{ node: id, version: health.version, chip: health.chip }, 1]],
      ),
  },
  {
    name: 'fenceline_node_starts',
    help: 'Counter of the starts of a node',
    labels: ['node'],
    samples: ofNodes(({ boot }) => boot),
  },
  {
    name: 'fenceline_node_held_rows',
    help: 'Rows that wait on the node',
    labels: ['node'],
    samples: ofNodes(({ held }) => held),
  },
  {
    name: 'fenceline_node_dropped_rows',
    help: 'Rows that the node ever dropped because it was full',
    labels: ['node'],
    samples: ofNodes(({ dropped }) => dropped),
  },
  {
    name: 'fenceline_node_free_heap_bytes',
    help: 'Free heap of the node at its lowest since its start',
    labels: ['node'],
    samples: ofNodes(({ lowest }) => lowest),
  },
  {
    name: 'fenceline_node_signal_dbm',
    help: 'Received signal strength; absent where the node does not know it',
    labels: ['node'],
    samples: ofNodes(({ rssi }) => rssi),
  },
  {
    name: 'fenceline_node_bad_frames',
    help: 'Damaged frames of its sensor since the start of the node',
    labels: ['node'],
    samples: ofNodes(({ badFrames }) => badFrames),
  },
  {
    name: 'fenceline_node_troubles_total',
    help: 'What was wrong with what the node sent, by kind',
    labels: ['node', 'trouble'],
    samples: ({ nodes }) =>
      nodes.flatMap(({ id, troubles }) => troubles.map(({ trouble, count }): Sample => [{ node: id, trouble }, count])),
  },
  {
    name: 'fenceline_clock_trusted',
    help: '1 while the time is known, 0 while readings wait for it',
    labels: [],
    samples: ({ clock }) => [[{}, clock.trusted ? 1 : 0]],
  },
  {
    name: 'fenceline_held_readings',
    help: 'Readings that wait for the time',
    labels: [],
    samples: ({ clock }) => [[{}, clock.held.readings]],
  },
  {
    name: 'fenceline_store_bytes',
    help: 'Size of the store',
    labels: [],
    samples: ({ store }) => (store.bytes === null ? [] : [[{}, store.bytes]]),
  },
  {
    name: 'fenceline_store_dropped_total',
    help: 'Entries that a bound made the store drop',
    labels: [],
    samples: ({ store }) => [[{}, store.dropped]],
  },
  {
    name: 'fenceline_store_head',
    help: 'Last committed sequence number of the epoch in force',
    labels: ['stream'],
    samples: ({ store }) =>
      (['records', 'samples'] as const).flatMap((stream): Sample[] => {
        const head = store[stream];
        return head === null ? [] : [[{ stream }, head.seq]];
      }),
  },
  {
    name: 'fenceline_uplink_connected',
    help: '1 while the uplink is connected',
    labels: ['uplink'],
    samples: ({ uplinks }) => uplinks.map(({ id, state }) => [{ uplink: id }, state === 'connected' ? 1 : 0]),
  },
  {
    name: 'fenceline_uplink_backlog',
    help: 'Entries that are committed and not yet acknowledged',
    labels: ['uplink', 'stream'],
    samples: ({ uplinks }) =>
      uplinks.flatMap(({ id, backlog }): Sample[] => [
        [{ uplink: id, stream: 'records' }, backlog.records],
        [{ uplink: id, stream: 'samples' }, backlog.samples],
      ]),
  },
  {
    name: 'fenceline_uplink_drain_seconds',
    help: 'Seconds until nothing is held any more, at the present rate; absent where that is not known',
    labels: ['uplink'],
    samples: ({ uplinks }) =>
      uplinks.flatMap(({ id, backlog: { drainsIn } }): Sample[] =>
        drainsIn === undefined ? [] : [[{ uplink: id }, drainsIn]],
      ),
  },
  {
    name: 'fenceline_uplink_bytes_per_second',
    help: 'What the line carries by what was last measured; absent where that is not known',
    labels: ['uplink'],
    samples: ({ uplinks }) =>
      uplinks.flatMap(({ id, bytesPerSecond }): Sample[] =>
        bytesPerSecond === null ? [] : [[{ uplink: id }, bytesPerSecond]],
      ),
  },
  {
    name: 'fenceline_store_room_seconds',
    help: 'For how long the store has room at its present growth; absent where that is not known',
    labels: [],
    samples: ({ store }): Sample[] => {
      const days = store.room?.days ?? null;
      return days === null ? [] : [[{}, days * 86_400]];
    },
  },
  {
    name: 'fenceline_uplink_month_limit_bytes',
    help: 'Bytes that a metered line may take in a month; absent where nobody meters it',
    labels: ['uplink'],
    samples: ({ uplinks }) =>
      uplinks.flatMap(({ id, month }): Sample[] =>
        month === null || month.limit === null ? [] : [[{ uplink: id }, month.limit]],
      ),
  },
  {
    name: 'fenceline_uplink_month_bytes',
    help: 'Bytes that the line carried this month, an estimate of what a carrier counts',
    labels: ['uplink'],
    samples: ({ uplinks }) =>
      uplinks.flatMap(({ id, month }): Sample[] => (month === null ? [] : [[{ uplink: id }, month.bytes]])),
  },
  {
    name: 'fenceline_uplink_backlog_age_seconds',
    help: 'Age of the oldest entry that is not acknowledged; 0 when there is none, absent where it is not known',
    labels: ['uplink'],
    samples: ({ uplinks }) =>
      uplinks.flatMap(({ id, backlog: { hours, records, samples } }): Sample[] => {
        if (hours !== null) return [[{ uplink: id }, hours * 3600]];
        return records + samples === 0 ? [[{ uplink: id }, 0]] : [];
      }),
  },
  {
    name: 'fenceline_uplink_entries_total',
    help: 'Entries by what became of them on the way to the platform',
    labels: ['uplink', 'fate'],
    samples: ({ uplinks }) =>
      uplinks.flatMap((one) =>
        (['sent', 'again', 'late', 'acknowledged', 'refused'] as const).map(
          (fate): Sample => [{ uplink: one.id, fate }, one[fate]],
        ),
      ),
  },
  {
    name: 'fenceline_malformed_total',
    help: 'Messages that were not what they should be, by who got them',
    labels: ['where'],
    samples: ({ malformed }) => malformed.map(({ where, count }) => [{ where }, count]),
  },
  {
    name: 'fenceline_dropped_total',
    help: 'What bounds made the gateway drop, by where',
    labels: ['where'],
    samples: ({ dropped }) => dropped.map(({ where, count }) => [{ where }, count]),
  },
  {
    name: 'process_resident_memory_bytes',
    help: 'Resident memory of the gateway',
    labels: [],
    samples: () => [[{}, process.memoryUsage.rss()]],
  },
  {
    name: 'process_cpu_seconds_total',
    help: 'Processor time the gateway has taken',
    labels: [],
    samples: () => {
      const { user, system } = process.cpuUsage();
      return [[{}, (user + system) / 1e6]];
    },
  },
];

/** Makes the text of `/metrics` from the picture, on request only: nothing is measured while nobody asks. */
export function createMetrics(picture: () => Picture): () => Promise<string> {
  return async () => {
    const now = picture();
    const registry = new Registry();
    for (const { name, help, labels, samples } of figures) {
      const gauge = new Gauge({ name, help, labelNames: [...labels], registers: [registry] });
      for (const [of, value] of samples(now)) gauge.set({ ...of }, value);
    }
    // A gauge holds what the stations counted; its declared type follows the name.
    const text = await registry.metrics();
    return text.replace(/^# TYPE (\S+_total) gauge$/gm, '# TYPE $1 counter');
  };
}
