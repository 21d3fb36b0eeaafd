import type { Cadence } from '../../../device-profiles/profile.ts';
import type { Clock } from '../../clock.ts';
import type { InstrumentSays } from '../events.ts';

interface StatedStatesOptions {
  /** Id of the instrument. */
  readonly instrument: string;
  readonly clock: Clock;
  readonly observe: (event: InstrumentSays) => void;
}

interface StatedBeside {
  readonly flag: InstrumentSays['says'][number]['flag'];
  readonly zh?: string;
  readonly en?: string;
}

/** What one instrument says of itself beside its values; told when it changes. */
export class StatedStates {
  readonly #options: StatedStatesOptions;
  readonly #says = new Map<Cadence, InstrumentSays['says']>();
  #last = '[]';

  constructor(options: StatedStatesOptions) {
    this.#options = options;
  }

  /** A poll of this cadence brought these. */
  note(cadence: Cadence, decoded: Iterable<{ readonly state?: StatedBeside }>): void {
    const { instrument, clock, observe } = this.#options;
    this.#says.set(cadence, distinct([...decoded]));
    const says = [...this.#says.values()].flat();
    if (JSON.stringify(says) !== this.#last) observe({ kind: 'instrument-says', instrument, at: clock.wall(), says });
    this.#last = JSON.stringify(says);
  }
}

/** Each state once. */
function distinct(decoded: readonly { readonly state?: StatedBeside }[]): InstrumentSays['says'] {
  const states = decoded.flatMap(({ state }) => (state ? [state] : []));
  const byWords = new Map(states.map(({ flag, zh = '', en = '' }) => [`${flag} ${en}`, { flag, zh, en }]));
  return [...byWords.values()];
}
