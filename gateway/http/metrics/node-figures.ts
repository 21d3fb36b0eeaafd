import type { NodePicture } from '../picture.ts';
import type { Figure, Sample } from './figure.ts';

/** Of every node that has said hello. */
function ofNodes(value: (health: NonNullable<NodePicture['health']>) => number | null): Figure['samples'] {
  return ({ nodes }) =>
    nodes.flatMap(({ id, health }): Sample[] => {
      const told = health === null ? null : value(health);
      return told === null ? [] : [[{ node: id }, told]];
    });
}

/** Sensor nodes. */
export const nodeFigures: readonly Figure[] = [
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
];
