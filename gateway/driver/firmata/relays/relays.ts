import type { Relay as RelayProfile } from '../../../../device-profiles/profile.ts';
import { type BoardFault, isBoardFault, type Output } from '../../../../edge/site-io/board.ts';
import type { Clock } from '../../../clock.ts';
import type { FirmataInstrument } from '../firmata-instrument.ts';
import type { Wiring } from '../wiring.ts';
import { type Asker, Relay, type RelayAnswer, type RelayOrder, type RelayStanding, type RelayState } from './relay.ts';

export interface RelaysOptions {
  readonly instrument: FirmataInstrument;
  readonly clock: Clock;
  readonly tell: (relay: RelayProfile, standing: RelayStanding, before: RelayState) => void;
}

/** The relays of one board. They outlive its connection; what was asked of them does not. */
export class Relays {
  readonly #instrument: FirmataInstrument;
  readonly #relays: ReadonlyMap<string, Relay>;
  #wiring: Wiring | undefined;

  constructor({ instrument, clock, tell }: RelaysOptions) {
    this.#instrument = instrument;
    this.#relays = new Map(
      instrument.profile.relays.map((profile) => [
        profile.id,
        new Relay({
          profile,
          clock,
          isReleased: () => this.#isReleased(profile),
          warn: (on) => this.#warn(profile, on),
          tell: (standing, before) => tell(profile, standing, before),
        }),
      ]),
    );
  }

  /** Every relay of the board is driven to off, whether it may be switched or not. */
  attach(wiring: Wiring): BoardFault | null {
    const outputs: [Relay, Output][] = [];
    for (const relay of this.#relays.values()) {
      const output = wiring.board.output(relay.profile.pin, { high: false });
      if (isBoardFault(output)) return output;
      outputs.push([relay, output]);
    }
    this.#wiring = wiring;
    for (const [relay, output] of outputs) relay.attach(output);
    return null;
  }

  /** The board is lost, or is closed now: `closed` resolves to whether it confirmed that it let everything go. */
  async detach(cause: 'board-lost' | 'stopping', closed: Promise<boolean>): Promise<void> {
    if (this.#wiring === undefined) return;
    this.#wiring = undefined;
    for (const relay of this.#relays.values()) relay.detach();
    const isOff = await closed;
    for (const relay of this.#relays.values()) relay.ended(cause, isOff);
  }

  /** A contact of the board changed. */
  contactChanged(id: string): void {
    for (const relay of this.#relays.values()) if (relay.profile.lockOut === id) relay.lockChanged();
  }

  askerLost(uplink: string): void {
    for (const relay of this.#relays.values()) relay.askerLost(uplink);
  }

  /** Undefined for a relay that the board does not have, or that the site does not allow to be switched. */
  order(id: string, order: RelayOrder, asker: Asker): Promise<RelayAnswer> | undefined {
    return this.#allowed(id)?.order(order, asker);
  }

  roleFor(id: string): RelayProfile['role'] | undefined {
    return this.#allowed(id)?.profile.role;
  }

  #allowed(id: string): Relay | undefined {
    const isAllowed = this.#instrument.settings.commands?.includes(id) ?? false;
    return isAllowed ? this.#relays.get(id) : undefined;
  }

  #isReleased({ lockOut }: RelayProfile): boolean | null {
    return lockOut === undefined ? true : (this.#wiring?.contact(lockOut)?.isClosed ?? null);
  }

  async #warn({ id, warning }: RelayProfile, on: boolean): Promise<boolean> {
    if (warning.lamp === undefined) return true;
    return (await this.#relays.get(warning.lamp)?.hold(id, on)) ?? false;
  }
}
