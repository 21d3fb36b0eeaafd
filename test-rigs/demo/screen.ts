import { stripVTControlCharacters } from 'node:util';
import type { InstrumentPicture, Picture, UplinkPicture } from '../../gateway/http/picture.ts';

/** What the demo's one screen is drawn from. */
interface Scene {
  /** The gateway's own picture; null while it starts or does not answer. */
  readonly picture: Picture | null;
  /** What the reference platform says of itself. */
  readonly platform: { readonly entries: number; readonly faults: number };
  readonly uplinkCut: boolean;
  readonly login: { readonly url: string; readonly password: string };
  readonly columns: number;
  readonly rows: number;
}

const style = {
  bold: '\x1b[1m',
  dim: '\x1b[2m',
  red: '\x1b[31m',
  green: '\x1b[32m',
  yellow: '\x1b[33m',
  none: '\x1b[0m',
};
const colourCode = `${String.fromCharCode(27)}\\[\\d+m`;

const paint = (colour: keyof typeof style, text: string): string => `${style[colour]}${text}${style.none}`;
const visibleLength = (text: string): number => stripVTControlCharacters(text).length;
const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - visibleLength(text)));
const whole = (count: number): string => count.toLocaleString('en-US');

/** Cuts a line at a width, colours not counted, so that the terminal never wraps it. */
function cutTo(line: string, width: number): string {
  let shown = 0;
  let out = '';
  for (const piece of line.split(new RegExp(`(${colourCode})`))) {
    if (piece.startsWith('\x1b')) out += piece;
    else {
      out += piece.slice(0, Math.max(0, width - shown));
      shown += piece.length;
    }
  }
  return out;
}

/** A span of time as a person says it: `42 s`, `3 min 5 s`, `6 h 12 min`. */
export function spell(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

function instrumentLines(instrument: InstrumentPicture, width: number): string[] {
  const { id, name, link, condition, values, lastOutcome } = instrument;
  const newest = Math.min(...values.map(({ age }) => age ?? Number.POSITIVE_INFINITY));
  const state =
    condition === 'answering'
      ? paint('green', `answering${Number.isFinite(newest) ? `, ${(newest / 1000).toFixed(1)} s ago` : ''}`)
      : paint(
          condition === 'starting' ? 'yellow' : 'red',
          `${condition}${lastOutcome === null ? '' : ` (${lastOutcome})`}`,
        );
  const head = `${pad(paint('bold', id), 12)} ${pad(name.en, 38)} ${pad(`on ${link}`, 14)} ${state}`;
  const shown = values.map(({ en, value, unit, decimals, flag, reason }) => {
    const text = value === null ? '—' : value.toFixed(decimals);
    const mark = flag === 'N' || flag === null ? '' : paint('yellow', ` ${flag}${reason === null ? '' : ` ${reason}`}`);
    return `${paint('dim', en)} ${text}${unit === '' ? '' : ` ${unit}`}${mark}`;
  });
  let line = '   ';
  let used = 0;
  for (const one of shown) {
    if (visibleLength(line) + visibleLength(one) + 12 > width) break;
    line += ` ${one} `;
    used++;
  }
  const rest = shown.length - used;
  return [head, rest > 0 ? `${line} ${paint('dim', `+${rest} more`)}` : line];
}

function uplinkLines({ state, backlog, sent, acknowledged, again, refused }: UplinkPicture, scene: Scene): string[] {
  const held = backlog.records + backlog.samples;
  const age = backlog.hours === null ? '' : `, the oldest for ${spell(backlog.hours * 3600)}`;
  const drains = backlog.drainsIn === undefined || held < 20 ? '' : `, empty in ${spell(backlog.drainsIn)}`;
  const status = scene.uplinkCut
    ? paint('red', 'UPLINK CUT')
    : paint(state === 'connected' ? 'green' : 'yellow', `uplink ${state}`);
  return [
    `${status}   ${held > 0 ? paint('bold', `held back ${whole(held)}`) : 'held back 0'}${age}${drains}`,
    `sent ${whole(sent)}   acknowledged ${whole(acknowledged)}   sent again ${whole(again)}   refused ${whole(refused)}`,
    `platform holds ${whole(scene.platform.entries)} records and sample blocks, ${scene.platform.faults} faults found`,
  ];
}

/** Draws the whole screen as lines that fit the terminal. */
export function drawScreen(scene: Scene): string[] {
  const { picture, login, columns, rows } = scene;
  const lines = [
    `${paint('bold', 'Fenceline demo')}   page ${login.url}   log in with the password ${paint('bold', login.password)}`,
    '',
  ];
  if (picture === null) lines.push('The gateway is starting …');
  else {
    lines.push(paint('dim', `${picture.gateway.id}   ${picture.gateway.now.slice(0, 19).replace('T', ' ')}`));
    for (const instrument of picture.instruments) lines.push(...instrumentLines(instrument, columns));
    lines.push('');
    for (const uplink of picture.uplinks) lines.push(...uplinkLines(uplink, scene));
    for (const { where, count, why } of [...picture.dropped, ...picture.malformed]) {
      lines.push(paint('yellow', `${where}: ${count} thrown away, last because ${why}`));
    }
  }
  const keys = `${paint('bold', 'u')} ${scene.uplinkCut ? 'restore' : 'cut'} the uplink   ${paint('bold', 'q')} or Ctrl-C quit`;
  const room = Math.max(1, rows - 2);
  return [...lines.slice(0, room).map((line) => cutTo(line, columns)), keys];
}
