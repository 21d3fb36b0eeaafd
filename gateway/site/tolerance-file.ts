import * as z from 'zod';
import type { Catalogue } from '../../device-profiles/catalogue.ts';
import type { Span } from '../../device-profiles/plan/span.ts';
import type { Clock, WallTime } from '../clock.ts';
import type { Tolerances } from '../driver/polling/tolerances.ts';
import { type FileSteps, systemFileSteps, writeDurably } from './durable-file.ts';
import { readIfThere } from './site-directory.ts';
import type { Site } from './site-schema.ts';

/** What is remembered of instruments is not as it should be; the gateway runs on and learns it anew. */
export interface ToleranceFault {
  readonly kind: 'tolerance-fault';
  /** `set-aside`: the file was damaged and is kept under another name; else it could not be read, or not be written. */
  readonly fault: 'set-aside' | 'not-read' | 'not-written';
  readonly file: string;
  readonly message: string;
  readonly at: WallTime;
}

/** Which instrument it is: what is remembered of another one means nothing. */
interface Identity {
  /** SHA-256 of its profile. */
  readonly profile: string;
  readonly address: number;
  readonly serial: string | null;
}

const spanSchema = z.strictObject({
  functionCode: z.literal([1, 2, 3, 4]),
  start: z.int().min(0).max(65535),
  count: z.int().min(1).max(2000),
});

const documentSchema = z.strictObject({
  version: z.literal(1),
  instruments: z.record(
    z.string(),
    z.strictObject({
      profile: z.string(),
      address: z.int(),
      serial: z.string().nullable(),
      refused: z
        .array(spanSchema)
        .describe('Read requests that the instrument refused, and refuses inside longer ones'),
    }),
  ),
});

/** Changes are gathered for so long before they are written, milliseconds: a card wears out by writing. */
const gatherFor = 5000;

interface ToleranceFileOptions {
  /** `tolerances.json` of the site directory. */
  readonly path: string;
  readonly site: Site;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly observe: (event: ToleranceFault) => void;
  readonly steps?: FileSteps;
}

/**
 * What the instruments of a site refuse, as one JSON document in the site directory. It is a memory, not a setting: it
 * may be deleted at any time, and costs a poll or two then. Only what is remembered of the very same instrument (same
 * profile, slave address and serial number) is used, and only instruments of the site are kept in it.
 */
export class ToleranceFile implements Tolerances {
  readonly #options: ToleranceFileOptions;
  readonly #identities: ReadonlyMap<string, Identity>;
  readonly #refused = new Map<string, readonly Span[]>();
  #cancel: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(options: ToleranceFileOptions) {
    this.#options = options;
    this.#identities = identitiesOf(options.site, options.catalogue);
  }

  /** Reads what there is. A damaged file is set aside and told; it is never a reason not to run. */
  static async open(options: ToleranceFileOptions): Promise<ToleranceFile> {
    const file = new ToleranceFile(options);
    await file.#read();
    return file;
  }

  of(instrument: string): readonly Span[] {
    return this.#refused.get(instrument) ?? [];
  }

  note(instrument: string, refused: readonly Span[]): void {
    if (!this.#identities.has(instrument)) return;
    this.#refused.set(instrument, refused);
    this.#cancel ??= this.#options.clock.after(gatherFor, () => this.#write());
  }

  /** Writes what is not written yet, and waits for it. */
  async close(): Promise<void> {
    if (this.#cancel) this.#write();
    await this.#writing;
  }

  async #read(): Promise<void> {
    const { path } = this.#options;
    let text: string | undefined;
    try {
      text = await readIfThere(path);
    } catch (error) {
      this.#tell('not-read', error);
    }
    if (text === undefined) return;
    const parsed = parse(text);
    if ('fault' in parsed) {
      await this.#setAside(parsed.fault);
      return;
    }
    for (const [id, { refused, ...identity }] of Object.entries(parsed.instruments)) {
      if (isSame(this.#identities.get(id), identity)) this.#refused.set(id, refused);
    }
  }

  async #setAside(fault: string): Promise<void> {
    const { path, steps = systemFileSteps } = this.#options;
    const aside = path.replace(/\.json$/, '.damaged.json');
    try {
      await steps.rename(path, aside);
      this.#tell('set-aside', `${fault}; kept as ${aside}`);
    } catch (error) {
      this.#tell('not-read', `${fault}; it could not be set aside: ${messageOf(error)}`);
    }
  }

  /** One write at a time; nobody waits for it. */
  #write(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#writing = this.#writing.then(async () => {
      const { path, steps = systemFileSteps } = this.#options;
      try {
        await writeDurably(path, this.#text(), { steps });
      } catch (error) {
        this.#tell('not-written', error);
      }
    });
  }

  #text(): string {
    const known = [...this.#refused].flatMap(([id, refused]) => {
      const identity = this.#identities.get(id);
      return identity && refused.length > 0 ? [[id, { ...identity, refused }] as const] : [];
    });
    const document: z.input<typeof documentSchema> = {
      version: 1,
      instruments: Object.fromEntries(known.map(([id, one]) => [id, { ...one, refused: [...one.refused] }])),
    };
    return `${JSON.stringify(document, null, 2)}\n`;
  }

  #tell(fault: ToleranceFault['fault'], error: unknown): void {
    const { path: file, clock, observe } = this.#options;
    observe({ kind: 'tolerance-fault', fault, file, message: messageOf(error), at: clock.wall() });
  }
}

function parse(text: string): z.output<typeof documentSchema> | { readonly fault: string } {
  try {
    const parsed = documentSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : { fault: z.prettifyError(parsed.error) };
  } catch (error) {
    return { fault: messageOf(error) };
  }
}

function identitiesOf({ instruments }: Site, catalogue: Catalogue): Map<string, Identity> {
  const identities = new Map<string, Identity>();
  for (const { id, profile: name, address, serial = null } of instruments) {
    const entry = catalogue.find(name);
    if (entry?.profile.protocol !== 'modbus') continue;
    const known = address ?? entry.profile.address.default;
    if (known !== undefined) identities.set(id, { profile: entry.hash, address: known, serial });
  }
  return identities;
}

function isSame(a: Identity | undefined, b: Identity): boolean {
  return a !== undefined && a.profile === b.profile && a.address === b.address && a.serial === b.serial;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
