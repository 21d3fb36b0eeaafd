import type { Figure, Sample } from './figure.ts';

/** The ways to the platforms. */
export const uplinkFigures: readonly Figure[] = [
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
];
