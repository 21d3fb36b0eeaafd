import * as z from 'zod';
import { writeDurably } from './durable-file.ts';
import { readIfThere, type SiteDirectory } from './site-directory.ts';

const retiredUplink = z.object({
  uplink: z.string(),
  /** The command, the key that signed it, and who that is as records name it. */
  id: z.string(),
  key: z.string(),
  who: z.string(),
  /** When it was asked; a stamp. */
  at: z.string(),
  /** `retiring`: until everything is delivered; `undone`: somebody at the site wants it back. */
  phase: z.enum(['retiring', 'retired', 'undone']),
});

/** An uplink whose platform no longer wants anything of this gateway. */
export type RetiredUplink = Readonly<z.output<typeof retiredUplink>>;

const fileSchema = z.array(retiredUplink).max(64);

/**
 * Which uplinks their platforms have retired. It stands beside the site file and is no part of it: the document says what
 * the site is, and that does not change. Every write is durable, and throws what the file system throws.
 */
export class RetiredFile {
  readonly #path: string;

  constructor({ retired }: Pick<SiteDirectory, 'retired'>) {
    this.#path = retired;
  }

  /** Empty where there is no file; throws where it is damaged. */
  async read(): Promise<readonly RetiredUplink[]> {
    const text = await readIfThere(this.#path);
    return text === undefined ? [] : fileSchema.parse(JSON.parse(text));
  }

  /** Takes this one in, in the place of an earlier word on the same uplink. */
  async add(one: RetiredUplink): Promise<void> {
    const others = (await this.read()).filter(({ uplink }) => uplink !== one.uplink);
    await this.#write([...others, one]);
  }

  /** What was being retired is so now; where the site has taken it back meanwhile, that holds. */
  finish(uplink: string): Promise<readonly RetiredUplink[]> {
    return this.#mark('retired', (one) => one.uplink === uplink && one.phase === 'retiring');
  }

  /** Takes back that this uplink, or each where none is named, was retired; gives back which they were. */
  undo(uplink?: string): Promise<readonly RetiredUplink[]> {
    return this.#mark('undone', (one) => one.phase !== 'undone' && (uplink === undefined || one.uplink === uplink));
  }

  async #mark(
    phase: RetiredUplink['phase'],
    isMeant: (one: RetiredUplink) => boolean,
  ): Promise<readonly RetiredUplink[]> {
    const all = await this.read();
    const meant = all.filter(isMeant);
    if (meant.length > 0) await this.#write(all.map((one) => (meant.includes(one) ? { ...one, phase } : one)));
    return meant;
  }

  async forget(uplink: string): Promise<void> {
    await this.#write((await this.read()).filter((one) => one.uplink !== uplink));
  }

  async #write(all: readonly RetiredUplink[]): Promise<void> {
    await writeDurably(this.#path, `${JSON.stringify(all, null, 2)}\n`);
  }
}
