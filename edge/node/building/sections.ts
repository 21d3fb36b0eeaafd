/**
 * Parts of node.lua that are only in the heap while they are needed. The file begins with the core, which a chip loads and
 * keeps. Behind it each section stands in a long comment, which a chip skips at no cost. Where the core says
 * `section("sending/hello")` the build puts place and length of that stretch of the file, and the core (`section.ts`) reads
 * it through `load` when it comes to it.
 */
const called = /\bsection\("([^"]+)"\)/g;

/** What the core asks for, each once, in the order of the file. */
export function sectionsOf(core: string): string[] {
  return [...new Set(Array.from(core.matchAll(called), ([, name = '']) => name))];
}

/** One file of the core and its sections, by name; each section is a chunk that returns its exports. */
export function joinSections(core: string, sections: ReadonlyMap<string, string>): string {
  const places = new Map<string, string>();
  // As long as what takes its place in the end, so that the places hold.
  const head = placed(core, (name) => (sections.has(name) ? place(0, 0) : missing(name)));
  let at = Buffer.byteLength(head);
  let tail = '';
  for (const [name, text] of sections) {
    if (text.includes(closing)) throw new Error(`the section ${name} holds ${closing}, which would end its comment`);
    const opening = `--[==[${name}\n`;
    const length = Buffer.byteLength(text);
    places.set(name, place(at + opening.length, length));
    tail += `${opening}${text}${closing}\n`;
    at += opening.length + length + closing.length + 1;
  }
  return placed(core, (name) => places.get(name) ?? missing(name)) + tail;
}

const closing = ']==]';

const placed = (core: string, at: (name: string) => string): string =>
  core.replaceAll(called, (_, name: string) => `section(${at(name)})`);

/** Of one width: Lua reads leading zeros as nothing. */
const place = (at: number, length: number): string => [at, length].map((n) => String(n).padStart(6, '0')).join(',');

function missing(name: string): never {
  throw new Error(`there is no section ${name}`);
}
