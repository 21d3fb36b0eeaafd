import { readFileSync } from 'node:fs';
import { fieldName, type Locate, type Place, type ProfileFault } from './faults.ts';
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
    const fault = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    return { faults: [{ file, line: 1, field: '(whole file)', fault, remedy: 'give a file that can be read' }] };
  }
  const document = readYaml(bytes.toString('utf8'));
  if ('faults' in document) {
    const remedy = 'correct the YAML on this line';
    return {
      faults: document.faults.map(({ line, message }) => ({
        file,
        line,
        field: '(whole file)',
        fault: `is not YAML: ${message}`,
        remedy,
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
  if (isFields(value)) return { file, prefix: [], fields: value };
  return {
    faults: [
      {
        file: file.file,
        line: 1,
        field: '(whole file)',
        fault: 'is not a profile',
        remedy: 'begin with "profile: maker/model"; device-profiles/README.md shows one',
      },
    ],
  };
}

/** Fields of the extended profile that say something about that file only. */
const notInherited = ['extends', 'abstract', 'without'];

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
    if (key === 'points') fields[key] = overlayPoints(before, value);
    else if ((key === 'sources' || key === 'gotchas') && Array.isArray(before) && Array.isArray(value)) {
      fields[key] = [...value, ...before];
    } else fields[key] = isFields(before) && isFields(value) ? { ...before, ...value } : value;
  }
  if (extending && Array.isArray(own.without)) {
    const without: unknown[] = own.without;
    fields.points = removePoints(fields.points, without, layer, faults);
  }
  return fields;
}

const idOf = (point: unknown): unknown => (isFields(point) ? point.id : undefined);

/** Points of the same id become one; a second one of the same id stays apart, for the check to find. */
function overlayPoints(before: unknown, own: unknown): unknown {
  if (!Array.isArray(before) || !Array.isArray(own)) return own;
  const used = new Set<unknown>();
  const merged: unknown[] = before.map((point) => {
    const override: unknown = own.find((candidate) => idOf(candidate) !== undefined && idOf(candidate) === idOf(point));
    if (!isFields(point) || !isFields(override)) return point;
    used.add(override);
    return { ...point, ...override };
  });
  return [...merged, ...own.filter((point) => !used.has(point))];
}

function removePoints(points: unknown, without: unknown[], layer: Layer, faults: ProfileFault[]): unknown {
  if (!Array.isArray(points)) return points;
  without.forEach((id, index) => {
    if (points.some((point) => idOf(point) === id)) return;
    const path = [...layer.prefix, 'without', index];
    faults.push({
      file: layer.file.file,
      line: layer.file.document.lineOf(path),
      field: fieldName(path),
      fault: `there is no point ${String(id)} to leave out`,
      remedy: 'name a point of the extended profile, or remove the entry',
    });
  });
  return points.filter((point) => !without.includes(idOf(point)));
}

/** The nearest layer that states the field; failing that, the nearest that states what holds it. */
function placeOf(layers: readonly Layer[], merged: Fields, path: FieldPath): Place {
  const id = pointIdAt(merged, path);
  const field = id === undefined ? fieldName(path) : fieldName([`points[${String(id)}]`, ...path.slice(2)]);
  for (let length = path.length; length > 0; length -= 1) {
    for (const { file, prefix, fields } of layers) {
      const own = ownPath(fields, path.slice(0, length), id);
      if (own) return { file: file.file, line: file.document.lineOf([...prefix, ...own]), field };
    }
  }
  const nearest = layers[0];
  return { file: nearest?.file.file ?? '', line: nearest?.file.document.lineOf(nearest.prefix) ?? 1, field };
}

/** The id of the point that the path goes through, if it goes through one. */
function pointIdAt(merged: Fields, path: FieldPath): unknown {
  const points = merged.points;
  const index = path[1];
  if (path[0] !== 'points' || typeof index !== 'number' || !Array.isArray(points)) return undefined;
  return idOf(points[index]);
}

/** The path inside the layer, with the point's own index there; `undefined` if the layer does not state it. */
function ownPath(fields: Fields, path: FieldPath, id: unknown): FieldPath | undefined {
  let own = path;
  if (id !== undefined && path.length > 1) {
    const points: unknown[] = Array.isArray(fields.points) ? fields.points : [];
    const same = Number(path[1]);
    const index = idOf(points[same]) === id ? same : points.findIndex((point) => idOf(point) === id);
    if (index < 0) return undefined;
    own = ['points', index, ...path.slice(2)];
  }
  let value: unknown = fields;
  for (const step of own) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Fields)[step];
  }
  return own;
}
