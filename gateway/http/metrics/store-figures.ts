import type { Figure, Sample } from './figure.ts';

/** What is kept on this machine. */
export const storeFigures: readonly Figure[] = [
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
    name: 'fenceline_store_room_seconds',
    help: 'For how long the store has room at its present growth; absent where that is not known',
    labels: [],
    samples: ({ store }): Sample[] => {
      const days = store.room?.days ?? null;
      return days === null ? [] : [[{}, days * 86_400]];
    },
  },
];
