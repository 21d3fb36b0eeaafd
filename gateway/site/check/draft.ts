import * as z from 'zod';
import { type SiteInstrument, type SiteLink, siteInstrumentSchema, siteSchema } from '../site-schema.ts';

/** An instrument as far as it can be understood: a field that is wrong is named in `wrong` and is not there. */
export interface DraftInstrument {
  /** Place in the list. */
  readonly index: number;
  readonly fields: Partial<SiteInstrument>;
  readonly wrong: ReadonlySet<string>;
}

/**
 * A document as far as it can be understood. Rules between fields are checked on this, so that a wrong type in one place
 * does not hide a wrong link in another.
 */
export interface Draft {
  /** Every name under `links`, also of lines whose settings are at fault. */
  readonly linkNames: readonly string[];
  readonly links: ReadonlyMap<string, SiteLink>;
  readonly points: readonly (string | undefined)[];
  readonly uplinks: readonly (string | undefined)[];
  readonly instruments: readonly DraftInstrument[];
  readonly minimumValid: number;
  /** How many duties are written down. */
  readonly duties: number;
}

export function draftOf(document: unknown): Draft {
  const top = members(document);
  const links = members(top.links);
  const averaging = siteSchema.shape.averaging.safeParse(top.averaging ?? {});
  return {
    linkNames: Object.keys(links),
    links: new Map(
      Object.entries(links).flatMap(([name, value]) => {
        const link = parseLoosely(siteSchema.shape.links.valueType, value);
        return link === undefined ? [] : [[name, link] as const];
      }),
    ),
    points: list(top.points).map(idOf),
    uplinks: list(top.uplinks).map(idOf),
    instruments: list(top.instruments).map(draftInstrument),
    minimumValid: averaging.success ? averaging.data.minimumValid : 12,
    duties: list(top.duties).length,
  };
}

function draftInstrument(value: unknown, index: number): DraftInstrument {
  const given = members(value);
  const fields: Record<string, unknown> = {};
  const wrong = new Set<string>();
  for (const [name, schema] of Object.entries(siteInstrumentSchema.shape)) {
    const parsed = z.safeParse(schema, given[name]);
    if (parsed.success && parsed.data !== undefined) fields[name] = parsed.data;
    if (!parsed.success) wrong.add(name);
  }
  return { index, fields: fields as Partial<SiteInstrument>, wrong };
}

/** Parses without the members that the schema does not know, or that contradict others. */
function parseLoosely<T>(schema: z.ZodType<T>, value: unknown): T | undefined {
  const first = schema.safeParse(value);
  if (first.success) return first.data;
  const unknown = first.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys;
    return issue.code === 'custom' ? issue.path.slice(0, 1).map(String) : [];
  });
  const rest = Object.fromEntries(Object.entries(members(value)).filter(([name]) => !unknown.includes(name)));
  return schema.safeParse(rest).data;
}

function members(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function idOf(value: unknown): string | undefined {
  const { id } = members(value);
  return typeof id === 'string' ? id : undefined;
}
