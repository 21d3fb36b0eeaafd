import { hash as digest } from 'node:crypto';
import * as z from 'zod';
import { canonicalJson } from '../../record/canonical.ts';
import { chainNext } from '../../record/chain.ts';
import type { Stream } from '../../record/record.ts';
import { limits } from '../batch.ts';
import { epoch, hash, reason, seq, stamp, stream } from '../fields.ts';

/** A stretch of one stream in an export: every seq of `from..to` is an entry after it, absent, or was left out. */
export interface ExportStretch {
  readonly stream: Stream;
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
  /** Chain hash before `from` and after `to`. */
  readonly before: string;
  readonly after: string;
  readonly site: string;
  /** Stamp of the newest commit in it. */
  readonly committed: string;
  /** [first, last, reason, chain hash after last]: what the gateway no longer holds. */
  readonly absent: readonly (readonly [number, number, string, string])[];
  /** [first, last, chain hash after last]: what was not asked for; the gateway holds it. */
  readonly left: readonly (readonly [number, number, string])[];
}

/** An entry with the chain's hash after it. */
export interface ExportEntry {
  readonly seq: number;
  readonly hash: string;
  /** Canonical JSON. */
  readonly text: string;
}

const stretchSchema = z
  .looseObject({
    stream,
    epoch,
    from: seq,
    to: seq,
    before: hash,
    after: hash,
    site: z.string().max(64),
    committed: stamp,
    absent: z.array(z.tuple([seq, seq, reason, hash])).max(limits.entries),
    left: z.array(z.tuple([seq, seq, hash])).max(limits.entries),
  })
  .refine(({ from, to }) => from <= to, 'it ends before it begins');

/** The line that begins a stretch; its sum covers the canonical text of the stretch. */
export function stretchLine(stretch: ExportStretch): string {
  const text = canonicalJson(stretch);
  return `{"sum":"${digest('sha256', text)}","stretch":${text}}`;
}

export function entryLine({ seq, hash, text }: ExportEntry): string {
  return `{"seq":${seq},"hash":"${hash}","entry":${text}}`;
}

const stretchForm = /^\{"sum":"([0-9a-f]{64})","stretch":(\{.*\})\}$/;
const entryForm = /^\{"seq":([1-9]\d{0,14}),"hash":"([0-9a-f]{64})","entry":(\{.*\})\}$/;

/** A stretch that was read whole. */
export interface ReadStretch extends ExportStretch {
  readonly entries: readonly ExportEntry[];
}

/**
 * Reads the lines of one part, one after the other, and holds each against the chain: a changed, added, swapped or
 * missing line is told at that line, or at the one behind it. After a fault it goes on from what the file claims.
 */
export class PartLines {
  #stretch: ExportStretch | undefined;
  #entries: ExportEntry[] = [];
  #hash = '';
  #next = 0;
  #holes: readonly (readonly [number, number, string])[] = [];

  /** A stretch that this line completes, the fault that it has, or neither. */
  take(line: string): ReadStretch | string | undefined {
    return line.startsWith('{"sum"') ? this.#begin(line) : this.#entry(line);
  }

  /** What is wrong with a part that ends here; undefined when nothing is. */
  end(): string | undefined {
    const stretch = this.#stretch;
    return stretch && `the part ends within ${stretch.from}..${stretch.to}: seq ${this.#next} is missing`;
  }

  #begin(line: string): ReadStretch | string | undefined {
    const open = this.#stretch;
    this.#stretch = undefined;
    const [, sum, text = ''] = stretchForm.exec(line) ?? [];
    if (sum === undefined) return notALine;
    if (digest('sha256', text) !== sum) return 'the stretch is not the one that its sum was made of: it was changed';
    const parsed = stretchSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return `stretch: ${parsed.error.issues[0]?.message ?? 'malformed'}`;
    const stretch: ExportStretch = parsed.data;
    const holes = [...stretch.absent.map(([a, b, , after]) => [a, b, after] as const), ...stretch.left];
    this.#stretch = stretch;
    this.#entries = [];
    this.#hash = stretch.before;
    this.#next = stretch.from;
    this.#holes = holes.sort((a, b) => a[0] - b[0]);
    if (open !== undefined) return `${open.from}..${open.to} before it is not complete`;
    return this.#goOn();
  }

  #entry(line: string): ReadStretch | string | undefined {
    const [, number, hash = '', text = ''] = entryForm.exec(line) ?? [];
    if (number === undefined) return notALine;
    if (this.#stretch === undefined) return 'an entry that belongs to no stretch';
    const seq = Number(number);
    const expected = this.#next;
    const computed = chainNext(this.#hash, seq, text);
    this.#hash = hash;
    this.#next = seq + 1;
    this.#entries.push({ seq, hash, text });
    const whole = this.#goOn();
    if (seq !== expected) return `seq ${expected} is expected, ${seq} is here`;
    if (computed !== hash) return `seq ${seq}: the entry does not lead to the hash beside it: one of them was changed`;
    return whole;
  }

  /** Steps over what is absent or left out, and ends the stretch where it is complete. */
  #goOn(): ReadStretch | string | undefined {
    const stretch = this.#stretch;
    if (stretch === undefined) return undefined;
    for (let hole = this.#holes[0]; hole !== undefined && hole[0] <= this.#next; hole = this.#holes[0]) {
      this.#holes = this.#holes.slice(1);
      if (hole[0] < this.#next || hole[1] < hole[0]) return `${hole[0]}..${hole[1]} is out of order or bounds`;
      this.#next = hole[1] + 1;
      this.#hash = hole[2];
    }
    if (this.#next <= stretch.to) return undefined;
    this.#stretch = undefined;
    if (this.#next > stretch.to + 1 || this.#holes.length > 0)
      return `it holds more than ${stretch.from}..${stretch.to}`;
    if (this.#hash !== stretch.after) return `${stretch.from}..${stretch.to} does not lead to the hash it ends with`;
    return { ...stretch, entries: this.#entries };
  }
}

const notALine = 'this is no line of an export';
