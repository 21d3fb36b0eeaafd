import * as z from 'zod';
import type { MonthOfTraffic, TrafficBook } from '../uplink/pacing/traffic.ts';
import { type FileSteps, systemFileSteps, writeDurably } from './durable-file.ts';
import { readIfThere } from './site-directory.ts';

/** The count of a month's bytes cannot be kept; the gateway runs on and counts from 0 or from what it last knew. */
export interface TrafficFault {
  readonly kind: 'traffic-fault';
  readonly message: string;
}

const documentSchema = z.strictObject({
  version: z.literal(1),
  uplinks: z.record(
    z.string(),
    z.strictObject({ month: z.string().regex(/^\d{4}-\d{2}$/), bytes: z.number().nonnegative() }),
  ),
});

/**
 * What each uplink has taken of its month, as one JSON document in the site directory. A memory: where it is missing or
 * damaged the count begins anew, which is told, and a metered line may be given more than its month.
 */
export class TrafficFile implements TrafficBook {
  readonly #path: string;
  readonly #steps: FileSteps;
  readonly #tell: (message: string) => void;
  readonly #months = new Map<string, MonthOfTraffic>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, tell: (message: string) => void, steps: FileSteps) {
    this.#path = path;
    this.#tell = tell;
    this.#steps = steps;
  }

  /** Reads what there is; `tell` hears what is wrong with it. Never throws. */
  static async open(
    path: string,
    tell: (message: string) => void,
    steps: FileSteps = systemFileSteps,
  ): Promise<TrafficFile> {
    const file = new TrafficFile(path, tell, steps);
    try {
      const text = await readIfThere(path);
      const { uplinks = {} } = text === undefined ? {} : documentSchema.parse(JSON.parse(text));
      for (const [uplink, month] of Object.entries(uplinks)) file.#months.set(uplink, month);
    } catch (error) {
      tell(`${path} cannot be read, the month's bytes are counted from 0: ${messageOf(error)}`);
    }
    return file;
  }

  read(uplink: string): MonthOfTraffic | null {
    return this.#months.get(uplink) ?? null;
  }

  /** One write at a time; nobody waits for it. */
  write(uplink: string, month: MonthOfTraffic): void {
    this.#months.set(uplink, month);
    const document: z.input<typeof documentSchema> = { version: 1, uplinks: Object.fromEntries(this.#months) };
    const text = `${JSON.stringify(document, null, 2)}\n`;
    this.#writing = this.#writing.then(async () => {
      try {
        await writeDurably(this.#path, text, { steps: this.#steps });
      } catch (error) {
        this.#tell(`${this.#path} cannot be written: ${messageOf(error)}`);
      }
    });
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.#writing;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
