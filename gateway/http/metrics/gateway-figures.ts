import type { Figure } from './figure.ts';

/** What the gateway tells of itself and of its time. */
export const gatewayFigures: readonly Figure[] = [
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
