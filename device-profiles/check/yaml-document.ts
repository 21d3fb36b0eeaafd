import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';

/** The way to a field: keys of maps and indexes of lists, from the top of the document. */
export type FieldPath = readonly (string | number)[];

/** A YAML document: its plain value, and where in the text each field stands. */
export interface YamlDocument {
  value: unknown;
  /** Line (from 1) of the field; of its nearest parent that is in the text if the field itself is not. */
  lineOf(path: FieldPath): number;
}

/** Where and why a text is not YAML. */
interface YamlFault {
  /** From 1. */
  line: number;
  message: string;
}

/** Profiles and captures are a few kB; more than this is not one of ours. */
const largestDocument = 1_000_000;

/**
 * Reads one YAML 1.2 document (core schema: `0x1F4` is a number, `no` is a text). Doubled keys are faults, aliases are
 * limited by the library, and no tag can create anything but plain values.
 */
export function readYaml(text: string): YamlDocument | { faults: YamlFault[] } {
  if (text.length > largestDocument) {
    return { faults: [{ line: 1, message: `the document is larger than ${largestDocument} characters` }] };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, stringKeys: true });
  const found = [...document.errors, ...document.warnings];
  if (found.length > 0) {
    return { faults: found.map(({ pos, message }) => ({ line: lines.linePos(pos[0]).line, message })) };
  }
  const top = document.contents;
  try {
    return {
      value: document.toJS(),
      lineOf: (path) => {
        const offset = offsetOf(isNode(top) ? top : null, path);
        return offset === undefined ? 1 : lines.linePos(offset).line;
      },
    };
  } catch (error) {
    return { faults: [{ line: 1, message: error instanceof Error ? error.message : String(error) }] };
  }
}

/** The offset of the deepest node on the way that is in the text; of the key, where there is one. */
function offsetOf(top: Node | null, path: FieldPath): number | undefined {
  let node: unknown = top;
  let offset = top?.range?.[0];
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => (isScalar(item.key) ? String(item.key.value) : undefined) === String(step),
      );
      if (!pair) return offset;
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      if (!isNode(node)) return offset;
      offset = node.range?.[0] ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}
