import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { drawScreen, spell } from './screen.ts';

const plain = (lines: string[]): string[] => lines.map(stripVTControlCharacters);

const scene = {
  picture: null,
  platform: { entries: 0, faults: 0 },
  uplinkCut: false,
  login: { url: 'http://localhost:8080', password: 'maple-river-42' },
  columns: 100,
  rows: 30,
};

describe("the demo's screen", () => {
  test('tells how to log in before the gateway answers', () => {
    const [first] = plain(drawScreen(scene));
    expect(first).toContain('http://localhost:8080');
    expect(first).toContain('maple-river-42');
  });

  test('never gives a line that the terminal would wrap, nor more lines than it has', () => {
    const lines = plain(drawScreen({ ...scene, columns: 40, rows: 3 }));
    expect(lines.length).toBeLessThanOrEqual(3);
    expect(Math.max(...lines.slice(0, -1).map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  test('offers to restore the uplink when it is cut', () => {
    expect(plain(drawScreen({ ...scene, uplinkCut: true })).at(-1)).toContain('u restore the uplink');
  });

  test('spells times as people say them', () => {
    expect([spell(42), spell(185), spell(22_320)]).toEqual(['42 s', '3 min 5 s', '6 h 12 min']);
  });
});
