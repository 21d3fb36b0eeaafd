import type { NodePicture } from '../../gateway/http/picture.ts';

const health: NonNullable<NodePicture['health']> = {
  at: '2026-11-24T11:43:10.000+08:00',
  boot: 17,
  startedAt: '2026-11-23T20:14:00.000+08:00',
  version: '0.2.0',
  chip: 'esp8266',
  reason: 'power',
  boots: ['power', 'watchdog', 'power'],
  rssi: -67,
  heap: 21_344,
  lowest: 19_800,
  held: 0,
  flashUsed: 0,
  flashAllowed: 60,
  dropped: 0,
  torn: 0,
  goodFrames: 83_412,
  badFrames: 2,
  silent: 1,
  configuration: 3,
  sensor: 'plantower',
};

/** A node with which all is well. */
export const soundNode: NodePicture = {
  id: 'dust-gate',
  link: 'nodes',
  instruments: ['dust-2'],
  connected: true,
  since: '2026-11-24T05:58:20.000+08:00',
  chipId: '7f3a12',
  address: '10.42.0.17',
  why: null,
  health,
  droppedSince: 0,
  troubles: [],
  update: { version: '0.2.0', state: 'runs', why: null, done: 9021, of: 9021, at: '2026-11-24T06:10:00.000+08:00' },
  configuration: null,
};

/** A node that is away, full, and went back from an update; one that was never seen; one with weak Wi-Fi at an update. */
export const troubledNodes: readonly NodePicture[] = [
  {
    ...soundNode,
    id: 'dust-crane',
    instruments: ['dust-3'],
    connected: false,
    since: '2026-11-24T08:20:00.000+08:00',
    why: 'keep-alive timed out',
    health: {
      ...{ ...health, version: '0.1.0', boots: ['power', 'brownout', 'brownout', 'exception'], held: 1310 },
      ...{ flashUsed: 55, dropped: 72, torn: 1, silent: 900, at: '2026-11-24T08:19:10.000+08:00' },
    },
    droppedSince: 72,
    troubles: [
      {
        trouble: 'replayed-boot',
        count: 12,
        at: '2026-11-24T08:11:00.000+08:00',
        message: 'node dust-crane: boot 3 lies before boot 17; adopt the node again',
      },
    ],
    update: {
      ...{ version: '0.2.0', state: 'rolled-back', why: 'rolled-back', done: 9021, of: 9021 },
      at: '2026-11-24T07:50:00.000+08:00',
    },
  },
  {
    ...{ ...soundNode, id: 'dust-pit', instruments: ['dust-4'], connected: false, since: null, health: null },
    ...{ update: null, chipId: null, address: null },
  },
  {
    ...{ ...soundNode, id: 'spare', instruments: [], health: { ...health, rssi: -84, chip: 'esp32' as const } },
    update: {
      ...{ version: '0.3.0', state: 'sending', why: null, done: 3000, of: 9021 },
      at: '2026-11-24T11:45:00.000+08:00',
    },
    configuration: {
      ...{ version: 4, state: 'refused', why: 'field tls', fields: ['tls'] },
      at: '2026-11-24T11:45:00.000+08:00',
    },
  },
];
