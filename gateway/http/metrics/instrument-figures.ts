import type { Figure, Sample } from './figure.ts';

const conditions = ['starting', 'answering', 'not-answering', 'left-out'] as const;

/** Current values, and how each instrument answers. */
export const instrumentFigures: readonly Figure[] = [
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
];
