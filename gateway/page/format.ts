import type { Words } from './words/words.ts';

/** What stands where a value is missing: never 0. */
export const dash = '—';

/** A value with the decimals of its factor and a true minus sign; a dash when there is none. */
export function valueText(value: number | null, decimals: number): string {
  if (value === null) return dash;
  return value
    .toFixed(decimals)
    .replace(/^-(?=.*[1-9])/, '−')
    .replace(/^-/, '');
}

/** Milliseconds as the two largest units that matter: `8 s`, `12 min 5 s`, `6 h 12 min`, `3 d 4 h`. */
export function durationText(milliseconds: number, words: Words): string {
  const { unit } = words;
  const seconds = Math.floor(Math.max(0, milliseconds) / 1000);
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), unit.day],
    [Math.floor(seconds / 3600) % 24, unit.hour],
    [Math.floor(seconds / 60) % 60, unit.minute],
    [seconds % 60, unit.second],
  ];
  const [[days]] = parts as [[number, string]];
  // Hours beside so many days are noise.
  if (days >= 100) return `${countText(days, words)} ${unit.day}`;
  const first = parts.findIndex(([amount]) => amount > 0);
  const shown = first < 0 ? parts.slice(-1) : parts.slice(first, first + 2).filter(([amount]) => amount > 0);
  return shown.map(([amount, name]) => `${amount} ${name}`).join(' ');
}

/** A whole number with its thousands set apart. */
export function countText(count: number, { code }: Words): string {
  return new Intl.NumberFormat(code).format(count);
}

/** A share as whole percents. */
export function percentText(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Bytes in the decimal unit that fits. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let amount = bytes;
  let step = 0;
  while (amount >= 1000 && step < units.length - 1) {
    amount /= 1000;
    step += 1;
  }
  return `${step === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[step]}`;
}

/** Time of day of a stamp as the gateway's own clock shows it, whatever zone the phone is in. */
export function timeOfDay(stamp: string): string {
  return stamp.slice(11, 19);
}

/** Date and time of a stamp to the minute, in the gateway's zone. */
export function dateAndTime(stamp: string): string {
  return `${stamp.slice(0, 10)} ${stamp.slice(11, 16)}`;
}

/** A stamp's time of day some milliseconds later, in the stamp's own zone. */
export function laterTimeOfDay(stamp: string, milliseconds: number): string {
  const local = Date.parse(`${stamp.slice(0, 19)}Z`);
  return new Date(local + milliseconds).toISOString().slice(11, 19);
}
