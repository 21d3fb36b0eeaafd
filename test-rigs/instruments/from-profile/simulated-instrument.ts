import { type Catalogue, loadCatalogue } from '../../../device-profiles/catalogue.ts';
import { type Profile, type ProfilePoint, pointsOf } from '../../../device-profiles/profile.ts';
import { type Cancel, type Clock, systemClock } from '../../../gateway/clock.ts';
import type { ByteEnd } from '../../links/byte-end.ts';
import type { Behaviour, Shown, StateFlag } from './behaviours.ts';
import { type Picture, registersOf } from './encoding/modbus-simulation.ts';
import { FramedPart } from './framed-simulation.ts';
import { MeterSimulation } from './meter-simulation.ts';
import { ModbusPart } from './modbus-part.ts';
import type { Part } from './part.ts';
import { SourceSimulation } from './source-simulation.ts';
import { addressOf, allTogether, usualParameters } from './usual-site.ts';
import { plausibleWorld, type World } from './world.ts';

/*
 * In three lines:
 *   const meter = simulate('eastron/sdm630', { clock, behaviours: [drift('voltage-a', 2)] });
 *   meter.serve(line.connect());                        // answers, or sends by itself, as its profile says
 *   meter.on = false;                                   // switched off at the mains
 */

interface SimulationOptions {
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
      case 'node':
        throw new RangeError(`${profile.profile}: a node runs its firmware in test-rigs/surroundings/lua-machine`);
      case 'firmata':
        throw new RangeError(`${profile.profile}: a board runs its firmware in test-rigs/surroundings/avr-board`);
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
