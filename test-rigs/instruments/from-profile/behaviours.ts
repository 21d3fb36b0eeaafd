/**
 * What instruments do besides measuring. A behaviour changes what the instrument shows of single points, or what it says
 * of itself; several are applied in their order.
 */

/** `none`: it shows that it has no value, in the way that its profile knows. */
export type Shown = number | 'none';

/** What HJ 212 calls the states that an instrument may say it is in. */
export type StateFlag = 'N' | 'F' | 'M' | 'S' | 'D' | 'C' | 'T' | 'B';

export interface Behaviour {
  readonly name: string;
  /** What is shown of the point instead of this; `now` in milliseconds after the start. */
  readonly show?: (point: string, value: Shown, now: number) => Shown;
  /** The state that it says to be in; undefined where this has nothing to say. */
  readonly state?: (now: number) => StateFlag | undefined;
}

const on =
  (point: string, change: (value: number, now: number) => Shown) =>
  (id: string, value: Shown, now: number): Shown =>
    id === point && value !== 'none' ? change(value, now) : value;

/** The value runs away from the true one, so much an hour. */
export const drift = (point: string, perHour: number): Behaviour => ({
  name: `drift:${point}=${perHour}`,
  show: on(point, (value, now) => value + (perHour * now) / 3_600_000),
});

/** The value trembles by so much up and down; the same seed trembles the same way. */
export function noise(point: string, spread: number, seed = 1): Behaviour {
  let state = seed >>> 0;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
  return { name: `noise:${point}=${spread}`, show: on(point, (value) => value + spread * (2 * random() - 1)) };
}

/** From its first reading on, always the same value. */
export function stuck(point: string): Behaviour {
  let held: number | undefined;
  const hold = (value: number): number => {
    held ??= value;
    return held;
  };
  return { name: `stuck:${point}`, show: on(point, hold) };
}

/** A new value every so many seconds, held in between, as a gas chromatograph has one a cycle. */
export function cycle(point: string, seconds: number): Behaviour {
  let held: { readonly turn: number; readonly value: number } | undefined;
  const hold = (value: number, now: number): number => {
    const turn = Math.floor(now / 1000 / seconds);
    if (held?.turn !== turn) held = { turn, value };
    return held.value;
  };
  return { name: `cycle:${point}=${seconds}`, show: on(point, hold) };
}

/** Nothing to show for so many seconds after the start. */
export const warmUp = (seconds: number): Behaviour => ({
  name: `warm-up=${seconds}`,
  show: (_, value, now) => (now < seconds * 1000 ? 'none' : value),
});

/** It says that it is in that state, after so many seconds. */
export const says = (flag: StateFlag, afterSeconds = 0): Behaviour => ({
  name: `says=${flag}`,
  state: (now) => (now >= afterSeconds * 1000 ? flag : undefined),
});

/** The counter begins again at 0 after so many seconds, as when a meter was exchanged or cleared. */
export function resetCounter(point: string, afterSeconds: number): Behaviour {
  let first: number | undefined;
  const count = (value: number, now: number): number => {
    if (now < afterSeconds * 1000) return value;
    first ??= value;
    return value - first;
  };
  return { name: `reset:${point}=${afterSeconds}`, show: on(point, count) };
}

/** The sensor is not there: the point has no value. */
export const absent = (point: string): Behaviour => ({ name: `absent:${point}`, show: on(point, () => 'none') });

/** The value is so many times the true one, such as one that is over the range. */
export const times = (point: string, factor: number): Behaviour => ({
  name: `times:${point}=${factor}`,
  show: on(point, (value) => value * factor),
});

const byName: Readonly<Record<string, (point: string, number: number) => Behaviour>> = {
  drift,
  noise: (point, spread) => noise(point, spread),
  stuck,
  cycle,
  reset: resetCounter,
  absent,
  times,
};

/** What a person writes for a behaviour, and what it does. */
export const behaviourHelp = `drift:POINT=PER-HOUR  noise:POINT=SPREAD  stuck:POINT  cycle:POINT=SECONDS  reset:POINT=AFTER-SECONDS
absent:POINT  times:POINT=FACTOR  warm-up=SECONDS  says=FLAG (N F M S D C T B)`;

/** The behaviour that is written `drift:pm10=5`; undefined where that is none. */
export function behaviourOf(text: string): Behaviour | undefined {
  const [, name = '', point, number] = /^([a-z-]+)(?::([^=]+))?(?:=(.+))?$/.exec(text) ?? [];
  if (name === 'says' && number && 'NFMSDCTB'.includes(number)) return says(number as StateFlag);
  const amount = Number(number ?? 0);
  if (!Number.isFinite(amount)) return undefined;
  if (name === 'warm-up') return warmUp(amount);
  return point === undefined ? undefined : byName[name]?.(point, amount);
}
