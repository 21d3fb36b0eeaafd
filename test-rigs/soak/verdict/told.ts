import { readStamp } from '../../../gateway/clock.ts';
import type { Entry, EventRecord, GapRecord, PeriodRecord } from '../../../gateway/record/record.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Sample } from '../../stories/received.ts';

export const timeOf = (stamp: string): number => readStamp(stamp) ?? Number.NaN;

/** What the platform holds, read once, each kind in the order of the sequence. */
export class Told {
  readonly minutes: PeriodRecord[] = [];
  readonly gaps: GapRecord[] = [];
  readonly events: EventRecord[] = [];
  /** By instrument. */
  readonly #samples = new Map<string, Sample[]>();

  constructor(platform: Platform) {
    for (const row of platform.table.rows()) {
      const entry = JSON.parse(row.entry ?? 'null') as Entry | null;
      if (entry === null) continue;
      if (entry.kind === 'minute') this.minutes.push(entry);
      else if (entry.kind === 'gap') this.gaps.push(entry);
      else if (entry.kind === 'event') this.events.push(entry);
      else if (entry.kind === 'samples') this.#addSamples(entry);
    }
  }

  samplesOf(instrument: string): readonly Sample[] {
    return this.#samples.get(instrument) ?? [];
  }

  /** The words on each minute of a series, by its start, in the order in which they came. */
  wordsOf(point: string, factor: string): Map<number, PeriodRecord[]> {
    const own = this.minutes.filter((one) => one.point === point && one.factor === factor);
    return Map.groupBy(own, ({ from }) => timeOf(from));
  }

  #addSamples(block: Extract<Entry, { kind: 'samples' }>): void {
    const samples = this.#samples.get(block.instrument) ?? [];
    this.#samples.set(block.instrument, samples);
    block.series.forEach(({ factor }, series) => {
      block.times.forEach((after, index) => {
        const [value, flag] = [block.values[series]?.[index] ?? null, block.flags[series]?.[index] ?? '?'];
        samples.push({ factor, at: (timeOf(block.from) + after) as Sample['at'], value, flag });
      });
    });
  }
}
