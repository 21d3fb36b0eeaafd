/**
 * Parts of node.lua that are only in the heap while they are needed. The file begins with the core, which a chip loads and
 * keeps. Behind it each section stands in a long comment, which a chip skips at no cost. Where the core or a section says
 * `section("sending/hello")` the build puts place and length of that stretch of the file, which the core reads through
 * `load` when it comes to it (`source/main.ts`).
 */
const called = /\bsection\("([^"]+)"\)/g;

/** The sections that the core asks for, and those that they ask for, by name; each a chunk that returns its exports. */
export function sectionsOf(core: string, textOf: (name: string) => string): Map<string, string> {
  const sections = new Map<string, string>();
  const visit = (text: string): void => {
    for (const [, name = ''] of text.matchAll(called)) {
      if (sections.has(name)) continue;
      sections.set(name, textOf(name));
      visit(sections.get(name) ?? '');
    }
  };
  visit(core);
  return sections;
}

/** One file of the core and its sections. */
export function joinSections(core: string, sections: ReadonlyMap<string, string>): string {
  const places = new Map<string, string>();
  const placed = (text: string): string =>
    text.replaceAll(called, (_, name: string) => `section(${places.get(name) ?? place(0, 0)})`);
  let at = Buffer.byteLength(placed(core));
  for (const [name, text] of sections) {
    if (text.includes(closing)) throw new Error(`the section ${name} holds ${closing}, which would end its comment`);
    const length = Buffer.byteLength(placed(text));
    places.set(name, place(at + opening(name).length, length));
    at += opening(name).length + length + closing.length;
  }
  return placed(core) + Array.from(sections, ([name, text]) => opening(name) + placed(text) + closing).join('');
}

const opening = (name: string): string => `--[==[${name}\n`;
const closing = ']==]\n';

/** Always as long, so that the places hold whatever stands in them: Lua reads leading zeros as nothing. */
const place = (at: number, length: number): string => [at, length].map((n) => String(n).padStart(6, '0')).join(',');
