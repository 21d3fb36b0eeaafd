import { type Catalogue, loadCatalogue } from '../../../device-profiles/catalogue.ts';
import {
  type FramedProfile,
  isSlot,
  type ModbusProfile,
  type Profile,
  type ProfilePoint,
  pointsOf,
} from '../../../device-profiles/profile.ts';
import { type Cancel, type Clock, systemClock } from '../../../gateway/clock.ts';
import type { ByteEnd } from '../../links/byte-end.ts';
import { Responder } from '../framed/responder.ts';
import { type Registers, SimulatedModbusSlave } from '../simulated-modbus-slave.ts';
import type { Behaviour, Shown, StateFlag } from './behaviours.ts';
import { frameOf } from './frames.ts';
import { MeterSimulation } from './meter-simulation.ts';
import { type Picture, registersOf } from './modbus-simulation.ts';
import { rawOf } from './raw-values.ts';
import { SourceSimulation } from './source-simulation.ts';
import { plausibleWorld, type World } from './world.ts';

/*
 * In three lines:
 *   const meter = simulate('eastron/sdm630', { clock, behaviours: [drift('voltage-a', 2)] });
 *   meter.serve(line.connect());                        // answers, or sends by itself, as its profile says
 *   meter.on = false;                                   // switched off at the mains
 */

export interface SimulationOptions {
  readonly clock?: Clock;
  readonly world?: World;
  readonly behaviours?: readonly Behaviour[];
  /** What the site states; what is not stated is the profile's default, or 1, or the middle of its range. */
  readonly parameters?: Readonly<Record<string, number>>;
  /** Optional points that it has; without it, all that can be there together. */
  readonly fitted?: readonly string[];
  /** Slave address, or the meter's twelve digits; without it, as delivered. */
  readonly address?: string;
  /** Profiles of a site come before the catalogue. */
  readonly directories?: readonly string[];
  /** How often an event happens, such as a fill, in an instrument that keeps the last one; seconds. */
  readonly eventEvery?: number;
}

/** An instrument that shows a world as its profile says: on the wire it is like the real one. */
export class SimulatedInstrument {
  readonly profile: Profile;
  readonly parameters: Readonly<Record<string, number>>;
  readonly fitted: readonly string[];
  readonly behaviours: Behaviour[];
  /** Slave address; for a DL/T 645 meter its twelve digits; null where it has none. */
  readonly address: string | null;
  readonly #clock: Clock;
  readonly #world: World;
  readonly #startedAt: number;
  readonly #probe: Picture['probe'];
  readonly #eventEvery: number;
  readonly #inEvents: ReadonlySet<string>;
  readonly #part: Part;

  constructor(profile: Profile, probe: Picture['probe'], options: SimulationOptions) {
    this.profile = profile;
    this.#probe = probe;
    this.#clock = options.clock ?? systemClock;
    this.#world = options.world ?? plausibleWorld;
    this.#startedAt = this.#clock.monotonic();
    this.#eventEvery = (options.eventEvery ?? 60) * 1000;
    this.#inEvents = new Set(profile.events.flatMap(({ points }) => points));
    this.behaviours = [...(options.behaviours ?? [])];
    this.parameters = { ...usualParameters(profile), ...options.parameters };
    this.fitted = options.fitted ?? allTogether(profile);
    this.address = addressOf(profile, probe, options.address);
    this.#part = this.#makePart();
  }

  get on(): boolean {
    return this.#part.on;
  }

  set on(on: boolean) {
    this.#part.on = on;
  }

  /** Sits on that end from now on. `framing`: for Modbus, how frames travel on it. */
  serve(end: ByteEnd, framing: 'modbus-rtu' | 'modbus-tcp' = 'modbus-rtu'): Cancel {
    return this.#part.serve(end, framing);
  }

  /** What the point shows now, in the unit of its factor. */
  shown(point: Pick<ProfilePoint, 'id' | 'factor'>): Shown {
    const now = this.#now;
    let shown: Shown = this.#world(point.factor, this.#inEvents.has(point.id) ? this.#eventAt : now);
    for (const { show } of this.behaviours) shown = show?.(point.id, shown, now) ?? shown;
    return shown;
  }

  /** The state that it says it is in. */
  get state(): StateFlag {
    const now = this.#now;
    return this.behaviours.reduce<StateFlag>((state, behaviour) => behaviour.state?.(now) ?? state, 'N');
  }

  /** Shows everything once without sending it; throws a RangeError that says what its profile cannot show. */
  rehearse(): void {
    const { profile } = this;
    const hasStates =
      profile.status.length > 0 || (profile.protocol === 'modbus' && profile.slots.some(({ status }) => status));
    if (this.state !== 'N' && profile.protocol !== 'hj212' && !hasStates) {
      throw new RangeError(`${profile.profile}: the instrument says nothing of its state`);
    }
    if (this.profile.protocol === 'modbus') registersOf(this.profile, this.#picture);
  }

  /** The points that it has. */
  get points(): readonly ProfilePoint[] {
    return pointsOf(this.profile).filter(({ optional, id }) => !optional || this.fitted.includes(id));
  }

  get #now(): number {
    return this.#clock.monotonic() - this.#startedAt;
  }

  /** When the last event was, milliseconds after the start. */
  get #eventAt(): number {
    return Math.floor(this.#now / this.#eventEvery) * this.#eventEvery;
  }

  get #picture(): Picture {
    return {
      shown: (point) => this.shown(point),
      state: this.state,
      parameters: this.parameters,
      fitted: new Set(this.fitted),
      wallTime: this.#clock.wall() - (this.#inEvents.size > 0 ? this.#now - this.#eventAt : 0),
      probe: this.#probe,
    };
  }

  #makePart(): Part {
    const { profile } = this;
    const show = (point: Pick<ProfilePoint, 'id' | 'factor'>): Shown => this.shown(point);
    switch (profile.protocol) {
      case 'modbus':
        return new ModbusPart(profile, Number(this.address), this.#clock, () => this.#picture);
      case 'dlt645':
        return new MeterSimulation(profile, this.address ?? '', this.#clock, show);
      case 'hj212':
        return new SourceSimulation(profile, this.#clock, this.points, show, () => this.state);
      case 'framed':
        return new FramedPart(profile, this.#clock, () => this.#picture);
    }
  }
}

/** The simulated instrument of a profile of the catalogue, or of a variant of it. Throws a RangeError where there is none. */
export function simulate(id: string, options: SimulationOptions = {}): SimulatedInstrument {
  const catalogue: Catalogue = loadCatalogue({ directories: options.directories ?? [] });
  const entry = catalogue.find(id);
  if (!entry) {
    const [fault] = catalogue.faults(id);
    throw new RangeError(fault ? `${fault.fault}; ${fault.remedy}` : `there is no profile ${id}`);
  }
  const { profile, choices } = entry;
  const variants = (profile.protocol === 'modbus' && profile.variants) || [];
  const named = variants.find((variant) => variant.id === id.split('@')[1]);
  return new SimulatedInstrument(profile, choices[0]?.probe ?? named?.probe, options);
}

/** What each protocol makes of the picture. */
export interface Part {
  on: boolean;
  serve(end: ByteEnd, framing: 'modbus-rtu' | 'modbus-tcp'): Cancel;
}

const illegalValue = 3;

class ModbusPart implements Part {
  readonly #slave: SimulatedModbusSlave;

  constructor(profile: ModbusProfile, address: number, clock: Clock, picture: () => Picture) {
    const { limits, quirks, holes, start } = profile;
    let file = registersOf(profile, picture());
    const registers: Registers = (table, register) => {
      const isHole = holes.some((hole) => hole.functionCode === table && register >= hole.from && register <= hole.to);
      if (isHole) return undefined;
      return file.get(table, register) ?? (isBetween(file, table, register, limits.maxHole) ? 0 : undefined);
    };
    // Taken once for each request, so that the words of one quantity belong together.
    registers.onRequest = () => {
      file = registersOf(profile, picture());
    };
    this.#slave = new SimulatedModbusSlave({
      ...{ address, registers, clock, turnAround: 20, answersNone: start.some(({ count }) => count === 0) },
      ...{ swapsCheckSums: quirks.crcSwapped, refusesSilently: quirks.silentRefusal },
    });
    this.#slave.refuses = (table, _, count) =>
      count > (table <= 2 ? limits.maxBits : limits.maxRegisters) ? illegalValue : null;
  }

  get on(): boolean {
    return this.#slave.on;
  }

  set on(on: boolean) {
    this.#slave.on = on;
  }

  serve(end: ByteEnd, framing: 'modbus-rtu' | 'modbus-tcp'): Cancel {
    return framing === 'modbus-tcp' ? this.#slave.serveModbusTcp(end) : this.#slave.serveRtu(end);
  }
}

/** True within a gap between two registers that there are, no longer than the profile says one may read through. */
function isBetween(
  file: ReturnType<typeof registersOf>,
  table: 1 | 2 | 3 | 4,
  register: number,
  most: number,
): boolean {
  const reach = (step: 1 | -1): number | undefined => {
    for (let away = 1; away <= most; away += 1) if (file.get(table, register + step * away) !== undefined) return away;
    return undefined;
  };
  const [before, behind] = [reach(-1), reach(1)];
  return before !== undefined && behind !== undefined && before + behind - 1 <= most;
}

/** How often an instrument sends that is not asked, milliseconds. */
const sendingInterval = 1000;

class FramedPart implements Part {
  readonly #responder: Responder;

  constructor(profile: FramedProfile, clock: Clock, picture: () => Picture) {
    const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();
    const requests: [string, () => Uint8Array | undefined][] = profile.messages.flatMap((message) =>
      message.request ? [[hexOf(message.request), () => announced(profile, frame(message))] as const] : [],
    ) as [string, () => Uint8Array | undefined][];
    const frame = (message: FramedProfile['messages'][number]): Uint8Array =>
      frameOf(profile, message, (id) => rawIn(profile, picture(), id));
    for (const { send, expect } of [profile.wake, ...profile.start, ...profile.stop].filter(
      (step) => step !== undefined,
    )) {
      requests.push([hexOf(send), () => expect]);
    }
    // A request that another begins with is looked for last, so that the longer one is not cut short.
    requests.sort(([a], [b]) => b.length - a.length);
    const [message] = profile.messages;
    const unasked = message && message.request === undefined ? () => frame(message) : undefined;
    const options = { clock, interval: sendingInterval, ...(unasked && { unasked }) };
    this.#responder = new Responder(Object.fromEntries(requests), options);
  }

  get on(): boolean {
    return this.#responder.on;
  }

  set on(on: boolean) {
    this.#responder.on = on;
  }

  serve(end: ByteEnd): Cancel {
    return this.#responder.serve(end);
  }
}

function announced({ framing }: FramedProfile, frame: Uint8Array): Uint8Array {
  return Uint8Array.of(...(framing.announcedBy ?? []), ...frame);
}

/** The raw number of a point or an auxiliary value of a profile with frames of its own. */
function rawIn(profile: FramedProfile, picture: Picture, id: string): number | undefined {
  const point = profile.points.find((one) => one.id === id);
  if (!point) return 0;
  const shown = picture.shown(point);
  if (shown === 'none') return point.sentinels?.[0] ?? 0;
  const named = (name: string): number => picture.parameters[name] ?? 1;
  const raw = rawOf(point, point.factor, shown, named, () => 0);
  return point.type.endsWith('float32') || point.type === 'decimal' ? raw : Math.round(raw);
}

/** A parameter of transformers is 40, another one its default, else the middle of its range. */
function usualParameters({ parameters }: Profile): Record<string, number> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { range, default: usual }]) => [name, usual ?? withinRange(name, range)]),
  );
}

function withinRange(name: string, [lowest, highest]: readonly [number, number]): number {
  if (/(^|-)low/.test(name)) return 0;
  if (/(^|-)high/.test(name)) return Math.min(highest, 1000);
  return lowest <= 1 && highest >= 40 ? 2 : (lowest + highest) / 2;
}

/** The optional points that one instrument can have at once: one for each series, and one for each register. */
function allTogether(profile: Profile): string[] {
  const series = new Set(
    pointsOf(profile)
      .filter(({ optional }) => !optional)
      .map(({ factor, channel }) => `${factor} ${channel}`),
  );
  const places = new Set<string>();
  const room = profile.protocol === 'modbus' ? new Map(profile.slots.map(({ id, count }) => [id, count])) : new Map();
  return pointsOf(profile).flatMap((point) => {
    const { id, factor, channel, optional } = point;
    const place = 'register' in point ? `${point.functionCode} ${point.register} ${point.type}` : id;
    if (!optional || series.has(`${factor} ${channel}`) || places.has(place)) return [];
    if (isSlot(point)) {
      const left = room.get(point.slots) ?? 0;
      if (left === 0) return [];
      room.set(point.slots, left - 1);
    }
    series.add(`${factor} ${channel}`);
    if (!('bits' in point && point.bits)) places.add(place);
    return [id];
  });
}

function addressOf(profile: Profile, probe: Picture['probe'], given: string | undefined): string | null {
  if (profile.protocol === 'dlt645') return (given ?? '161').padStart(12, '0');
  if (profile.protocol !== 'modbus') return null;
  return given ?? String(probe?.addresses?.[0] ?? profile.address.default ?? profile.address.range[0]);
}
