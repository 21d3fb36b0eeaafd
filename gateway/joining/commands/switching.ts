import type { Cancel, Clock, LocalTime, Monotonic, WallTime } from '../../clock.ts';
import type { SwitchAnswer } from '../../command/port.ts';
import type { Acquisition } from '../../driver/acquisition.ts';
import { FirmataAcquisition } from '../../driver/firmata/firmata-acquisition.ts';
import type { Asker, RelayOrder } from '../../driver/firmata/relays/relay.ts';
import type { AuditRecord } from '../../record/record.ts';
import type { Site } from '../../site/site-schema.ts';
import type { UplinkEvent } from '../../uplink/port.ts';

interface SwitchingOptions {
  readonly acquisitions: ReadonlyMap<string, Acquisition>;
  readonly site: Pick<Site, 'instruments'>;
  readonly clock: Clock;
  readonly localTime: LocalTime;
  /** Resolves when the record is committed; rejects where it can only be held. */
  readonly record: (record: AuditRecord) => Promise<unknown>;
}

/** A platform that has not been reached for so long has nothing on any more, milliseconds. */
const grace = 30_000;
/** Milliseconds that the record of who asked may take to be durable before something is switched on. */
const recordWithin = 5000;

/** What may be switched at a site, whoever asks: a platform by a command, or a person on the page. */
export class Switching {
  readonly #options: SwitchingOptions;
  /** Timers of platforms that cannot be reached, by uplink. */
  readonly #unreached = new Map<string, Cancel>();
  /** Platforms that have not been reached for longer than that. */
  readonly #lost = new Set<string>();
  #isStopped = false;

  constructor(options: SwitchingOptions) {
    this.#options = options;
  }

  /** Does what is asked at once, or says why not. The record of the asking stands already. */
  async order(instrument: string, relay: string, order: RelayOrder, asker: Asker): Promise<SwitchAnswer> {
    const { uplink } = asker;
    // It may have waited for its turn for so long.
    if (order.on && uplink !== undefined && this.#lost.has(uplink)) return askerLost;
    const answer = await this.#boardOf(instrument)?.order(relay, order, asker);
    if (answer === undefined) return notAllowed(instrument, relay);
    if (answer.kind === 'refused') return answer;
    const { state, next, until } = answer.standing;
    return { kind: 'done', state, next: this.#stamp(next), until: this.#stamp(until) };
  }

  /** The same for a person on the page: nothing is switched on before the record of who asked is durable. */
  async orderFromPage(instrument: string, relay: string, order: RelayOrder, account: string): Promise<SwitchAnswer> {
    const { clock, localTime, record } = this.#options;
    const who = `page, ${account}`;
    const at = clock.monotonic();
    const details = { instrument, relay, ...order };
    const recorded = record({
      ...{ kind: 'audit', at: localTime.stamp(clock.wall()), who, action: 'relay-asked', details, revision: 1 },
    }).then(
      () => true,
      // Before the time is known records are held, which is durable too; nobody can say by then when they are committed.
      () => !(clock.isKnown?.() ?? true),
    );
    if (order.on && !(await this.#inTime(recorded))) return notRecorded;
    return this.order(instrument, relay, order, { who, at });
  }

  /** Who may switch a relay is told by its profile; undefined for one that cannot be switched here. */
  roleFor(instrument: string, relay: string): 'technician' | 'administrator' | undefined {
    return this.#boardOf(instrument)?.roleFor(relay);
  }

  /** An uplink came or went. */
  observe({ uplink, state }: UplinkEvent & { readonly kind: 'uplink-state' }): void {
    if (state === 'connected') {
      this.#unreached.get(uplink)?.();
      this.#unreached.delete(uplink);
      this.#lost.delete(uplink);
    } else if (!this.#isStopped && this.#boards().length > 0 && !this.#unreached.has(uplink)) {
      const lost = (): void => {
        this.#lost.add(uplink);
        for (const board of this.#boards()) board.askerLost(uplink);
      };
      this.#unreached.set(uplink, this.#options.clock.after(grace, lost));
    }
  }

  /** Nothing is waited for any more: the boards are stopped, and with them everything is off. */
  stop(): void {
    this.#isStopped = true;
    for (const cancel of this.#unreached.values()) cancel();
    this.#unreached.clear();
  }

  #boardOf(instrument: string): FirmataAcquisition | undefined {
    const { acquisitions, site } = this.#options;
    const board = acquisitions.get(site.instruments.find(({ id }) => id === instrument)?.link ?? '');
    return board instanceof FirmataAcquisition ? board : undefined;
  }

  #boards(): FirmataAcquisition[] {
    return [...this.#options.acquisitions.values()].filter((one) => one instanceof FirmataAcquisition);
  }

  #stamp(moment: Monotonic | null): string | null {
    const { clock, localTime } = this.#options;
    if (moment === null) return null;
    return localTime.stamp(Math.round(clock.wall() + moment - clock.monotonic()) as WallTime);
  }

  #inTime(recorded: Promise<boolean>): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(recordWithin, () => resolve(false));
      void recorded.then((isDurable) => {
        cancel();
        resolve(isDurable);
      });
    });
  }
}

const notRecorded: SwitchAnswer = {
  kind: 'refused',
  reason: 'not-recorded',
  detail: `its record was not durable within ${recordWithin / 1000} s, so nothing was switched`,
  remedy: 'see the store on the page of the gateway, and try again',
};

const askerLost: SwitchAnswer = {
  kind: 'refused',
  reason: 'asker-lost',
  detail: `the platform that asked has not been reached for ${grace / 1000} s, and could not take it back`,
  remedy: 'send it with a new id once the uplink is connected',
};

const notAllowed = (instrument: string, relay: string): SwitchAnswer => ({
  kind: 'refused',
  reason: 'not-allowed',
  detail: `this site does not allow ${relay} of ${instrument} to be switched, or has none`,
  remedy: 'list it under "commands" of the instrument in the site file, at the site',
});
