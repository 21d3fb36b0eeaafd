import { readFileSync } from 'node:fs';
import { fieldName, type Locate, type Place, type ProfileFault } from './faults.ts';
import { type ListWithIds, listsWithIds, type Written, writtenParts } from './repeats.ts';
import { both, spoken } from './said.ts';
import { type FieldPath, readYaml, type YamlDocument } from './yaml-document.ts';

/** A YAML file as it stands, before inheritance and schema. */
export interface ProfileFile {
  file: string;
  bytes: Buffer;
  document: YamlDocument;
}

export type Fields = Record<string, unknown>;

/** One level of a profile: a file, or a variant inside a file. The nearest level wins. */
export interface Layer {
  file: ProfileFile;
  /** Where in the file this level begins: nothing for the whole file, `variants, 0` for a variant. */
  prefix: FieldPath;
  fields: Fields;
  /** The lists that merge by id, with what repeats stand for. */
  lists: Readonly<Record<ListWithIds, readonly Written[]>>;
}

/** A profile with everything it inherits, not yet checked against the schema. */
export interface MergedProfile {
  fields: Fields;
  /** Nearest first. */
  layers: Layer[];
  locate: Locate;
  /** What went wrong while merging. */
  faults: ProfileFault[];
}

/** Reads a YAML file. A file that cannot be read, or is not YAML, is a fault. */
export function readProfileFile(file: string): ProfileFile | { faults: ProfileFault[] } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const fault = both(`cannot be read: ${why}`, `无法读取：${why}`);
    const words = spoken(fault, both('give a file that can be read', '写一个可读的文件'));
    return { faults: [{ file, line: 1, field: '(whole file)', ...words }] };
  }
  const document = readYaml(bytes.toString('utf8'));
  if ('faults' in document) {
    const remedy = both('correct the YAML on this line', '改正这一行的 YAML');
    return {
      faults: document.faults.map(({ line, message }) => ({
        file,
        line,
        field: '(whole file)',
        ...spoken(both(`is not YAML: ${message}`, `不是 YAML：${message}`), remedy),
      })),
    };
  }
  return { file, bytes, document };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The layer that a whole file makes; a fault if the file is not a map of fields. */
export function layerOf(file: ProfileFile): Layer | { faults: ProfileFault[] } {
  const { value } = file.document;
  if (isFields(value)) return newLayer(file, [], value);
  return {
    faults: [
      {
        file: file.file,
        line: 1,
        field: '(whole file)',
        ...spoken(
          both('is not a profile', '不是型号文件'),
          both(
            'begin with "profile: maker/model"; device-profiles/README.md shows one',
            '开头写 "profile: 厂家/型号"；范例见 device-profiles/README.md',
          ),
        ),
      },
    ],
  };
}

export function newLayer(file: ProfileFile, prefix: FieldPath, fields: Fields): Layer {
  const [points, auxiliaries, computed] = listsWithIds.map((list) => writtenParts(fields, list, prefix));
  return {
    file,
    prefix,
    fields,
    lists: { points: points ?? [], auxiliaries: auxiliaries ?? [], computed: computed ?? [] },
  };
}

/** Fields of the extended profile that say something about that file only. */
const notInherited = ['extends', 'abstract', 'without', 'repeat'];

/** Merges layers, nearest first: the nearest one's word holds, field by field; points are matched by id. */
export function mergeLayers(layers: Layer[]): MergedProfile {
  const faults: ProfileFault[] = [];
  let fields: Fields = {};
  let below: Layer[] = [];
  for (const layer of [...layers].reverse()) {
    const inherited: Fields = Object.fromEntries(Object.entries(fields).filter(([key]) => !notInherited.includes(key)));
    below = [layer, ...below];
    fields = overlay(inherited, layer, below.length > 1, faults);
  }
  const merged = fields;
  return { fields, layers, faults, locate: (path) => placeOf(layers, merged, path) };
}

function overlay(inherited: Fields, layer: Layer, extending: boolean, faults: ProfileFault[]): Fields {
  const own = layer.fields;
  const fields: Fields = { ...inherited };
  for (const [key, value] of Object.entries(own)) {
    const before = inherited[key];
    if ((key === 'sources' || key === 'gotchas') && Array.isArray(before) && Array.isArray(value)) {
      fields[key] = [...value, ...before];
    } else fields[key] = isFields(before) && isFields(value) ? { ...before, ...value } : value;
  }
  for (const list of listsWithIds) {
    const parts = layer.lists[list].map(({ part }) => part);
    if (Array.isArray(own[list]) || parts.length > 0) fields[list] = overlayParts(inherited[list], parts);
  }
  if (extending && Array.isArray(own.without)) removeParts(fields, own.without, layer, faults);
  return fields;
}

const idOf = (part: unknown): unknown => (isFields(part) ? part.id : undefined);

/** Parts of the same id become one; a second one of the same id stays apart, for the check to find. */
function overlayParts(before: unknown, own: readonly unknown[]): unknown {
  if (!Array.isArray(before)) return own;
  const used = new Set<unknown>();
  const merged: unknown[] = before.map((part) => {
    const override: unknown = own.find((candidate) => idOf(candidate) !== undefined && idOf(candidate) === idOf(part));
    if (!isFields(part) || !isFields(override)) return part;
    used.add(override);
    return { ...part, ...override };
  });
  return [...merged, ...own.filter((part) => !used.has(part))];
}

function removeParts(fields: Fields, without: unknown[], layer: Layer, faults: ProfileFault[]): void {
  const lists = listsWithIds.flatMap((list) => (Array.isArray(fields[list]) ? [[list, fields[list]] as const] : []));
  without.forEach((id, index) => {
    if (lists.some(([, parts]) => parts.some((part) => idOf(part) === id))) return;
    const path = [...layer.prefix, 'without', index];
    faults.push({
      file: layer.file.file,
      line: layer.file.document.lineOf(path),
      field: fieldName(path),
      ...spoken(
        both(`there is no point ${String(id)} to leave out`, `没有可去掉的测点 ${String(id)}`),
        both('name a point of the extended profile, or remove the entry', '写被继承型号的测点，或删去此项'),
      ),
    });
  });
  for (const [list, parts] of lists) fields[list] = parts.filter((part) => !without.includes(idOf(part)));
}

/** The nearest layer that states the field; failing that, the nearest that states what holds it. */
function placeOf(layers: readonly Layer[], merged: Fields, path: FieldPath): Place {
  const part = partAt(merged, path);
  const field = part === undefined ? fieldName(path) : fieldName([`${part.list}[${part.id}]`, ...path.slice(2)]);
  for (let length = path.length; length > 0; length -= 1) {
    for (const layer of layers) {
      const own =
        part && length > 1 ? ownPart(layer, part, path.slice(2, length)) : ownField(layer, path.slice(0, length));
      if (own === undefined) continue;
      const { file, document } = layer.file;
      const isRepeated = own.includes('repeat');
      return {
        file,
        line: document.lineOf(own),
        field: isRepeated ? fieldName([...own, ...path.slice(length)]) : field,
      };
    }
  }
  const nearest = layers[0];
  return { file: nearest?.file.file ?? '', line: nearest?.file.document.lineOf(nearest.prefix) ?? 1, field };
}

interface NamedPart {
  readonly list: ListWithIds;
  readonly id: string;
  readonly index: number;
}

/** The part with an id that the path goes through, if it goes through one. */
function partAt(merged: Fields, [top, index]: FieldPath): NamedPart | undefined {
  const list = listsWithIds.find((one) => one === top);
  const parts = list && merged[list];
  if (list === undefined || typeof index !== 'number' || !Array.isArray(parts)) return undefined;
  const id = idOf(parts[index]);
  return id === undefined ? undefined : { list, id: String(id), index };
}

/** Where the layer writes this field of the part; `undefined` if it does not. */
function ownPart({ lists }: Layer, { list, id, index }: NamedPart, rest: FieldPath): FieldPath | undefined {
  const same = lists[list].filter(({ part }) => String(idOf(part)) === id);
  const written = same.includes(lists[list][index] as Written) ? lists[list][index] : same[0];
  return written && has(written.part, rest) ? [...written.path, ...rest] : undefined;
}

function ownField({ fields, prefix }: Layer, path: FieldPath): FieldPath | undefined {
  return has(fields, path) ? [...prefix, ...path] : undefined;
}

function has(fields: unknown, path: FieldPath): boolean {
  let value = fields;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return false;
    value = (value as Fields)[step];
  }
  return true;
}
