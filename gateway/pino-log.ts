import pino from 'pino';
import type { GatewayEvent } from './diagnosis/gateway-event.ts';
import type { NodeOfferEvent } from './driver/node/offers/offer-state.ts';
import type { LinkEvent } from './link/link.ts';
import type { UplinkEvent } from './uplink/port.ts';

/** One line of JSON a fact, for the system's journal. Values never go here: they have the store. */
export interface Log {
  info(what: string, details?: object): void;
  warn(what: string, details?: object): void;
  error(what: string, details?: object): void;
}

/** Writes to standard error, each line at once, so that the last words before a crash are there. */
export function openLog(): Log {
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: true }));
  return {
    info: (what, details = {}) => log.info(details, what),
    warn: (what, details = {}) => log.warn(details, what),
    error: (what, details = {}) => log.error(details, what),
  };
}

/**
 * Writes the events somebody looks for after the fact: changes of condition and faults. What happens many times a
 * minute in normal running is counted by diagnosis and not written, and what is tried again and again is written when
 * its outcome changes, or the card would wear out.
 */
export class EventLog {
  readonly #log: Log;
  /** What was last written about a line or an uplink. */
  readonly #last = new Map<string, string>();

  constructor(log: Log) {
    this.#log = log;
  }

  observe(event: GatewayEvent): void {
    switch (event.kind) {
      case 'link-opened':
      case 'link-closed':
        this.#line(event);
        break;
      case 'uplink-state':
        this.#uplink(event);
        break;
      case 'uplink-credentials':
        for (const { field, isGrave, fault, remedy } of event.findings) {
          const details = { uplink: event.uplink, field, fault: fault.en, remedy: remedy.en };
          this.#log[isGrave ? 'error' : 'warn'](event.kind, details);
        }
        break;
      case 'instrument-condition': {
        const { instrument, condition, outcome } = event;
        this.#log[condition === 'answering' ? 'info' : 'warn'](event.kind, { instrument, condition, outcome });
        break;
      }
      case 'line-silence': {
        const { link, state, asked, junk } = event;
        const isQuiet = state === 'listening' || state === 'clear' || state === 'only-listening';
        this.#log[isQuiet ? 'info' : 'warn'](event.kind, { link, state, asked, junk });
        break;
      }
      case 'contact-changed':
        if (!event.first) this.#log.info(event.kind, event);
        break;
      case 'relay-changed':
        if (event.state !== 'off' || event.before !== 'unknown') this.#log.info(event.kind, event);
        break;
      case 'instrument-identity':
      case 'instrument-says':
      case 'http-listening':
      case 'http-login':
      case 'http-password-set':
      case 'store-recovered':
      case 'store-salvage':
      case 'plan-changed':
      case 'site-trial':
      case 'uplink-retired':
        this.#log.info(event.kind, event);
        break;
      case 'command':
        if (!event.isOld) this.#log[event.outcome === 'failed' ? 'warn' : 'info'](event.kind, event);
        break;
      case 'command-turned-away':
        if (this.#isNews(`commands ${event.uplink}`, `${event.why} ${event.detail}`)) this.#log.warn(event.kind, event);
        break;
      case 'store-leaving': {
        if (event.leaving === null) break;
        const { since, at, by } = event.leaving;
        const times = { since: new Date(since).toISOString(), at: new Date(at).toISOString() };
        if (this.#isNews('store leaving', times.at.slice(0, 10))) this.#log.warn(event.kind, { ...times, by });
        break;
      }
      case 'clock-state': {
        const { trusted, source, uncertainty, why } = event.state;
        this.#log[trusted ? 'info' : 'warn'](event.kind, { trusted, source, uncertainty, why: why.en });
        break;
      }
      case 'node-adopted':
      case 'node-connected':
      case 'node-disconnected':
        this.#log.info(event.kind, event);
        break;
      case 'new-node':
        if (event.isFirst) this.#log.info(event.kind, event);
        break;
      case 'node-trouble':
        // Each message again says the same; how often is counted.
        if (this.#isNews(`node ${event.node} ${event.trouble}`, event.message)) this.#log.warn(event.kind, event);
        break;
      case 'node-offer':
        this.#offer(event);
        break;
      case 'node-turned-away':
      case 'clock-shift':
      case 'clock-not-followed':
      case 'clock-offer':
      case 'clock-memory-fault':
      case 'store-epoch':
      case 'holding-dropped':
        this.#log.warn(event.kind, event);
        break;
      case 'variant-found':
        this.#log[event.variant === null ? 'warn' : 'info'](event.kind, event);
        break;
      case 'unknown-parameters':
      case 'overload':
      case 'link-overflow':
      case 'link-stranger':
      case 'reading-after-close':
      case 'store-dropped':
      case 'tolerance-fault':
      case 'traffic-fault':
      case 'uplink-refused':
      case 'uplink-malformed':
      case 'uplink-deaf':
      case 'uplink-reply-dropped':
      case 'http-malformed':
      case 'http-login-refused':
        this.#log.warn(event.kind, event);
        break;
      case 'store-fault':
      case 'node-offers-fault':
      case 'command-fault':
      case 'http-fault':
        this.#log.error(event.kind, event);
        break;
      case 'store-retention':
        if (event.reason !== 'expired') this.#log.warn(event.kind, event);
        break;
      case 'transaction':
      case 'node-health':
      case 'holding':
      case 'store-committed':
      case 'uplinks-retired':
      case 'store-size':
      case 'uplink-sent':
      case 'uplink-acknowledged':
        break;
    }
  }

  #line(event: LinkEvent & { readonly kind: 'link-opened' | 'link-closed' }): void {
    const { kind, link } = event;
    const fault = kind === 'link-closed' ? event.fault : null;
    if (!this.#isNews(`link ${link}`, fault?.message ?? kind)) return;
    if (fault === null) this.#log.info(kind, { link });
    else this.#log.warn(kind, { link, fault: fault.kind, message: fault.message });
  }

  /** How far it is fetched is no news; what becomes of it is. */
  #offer({ kind, node, update, configuration }: NodeOfferEvent): void {
    const told = {
      update: update && `${update.version} ${update.state} ${update.why ?? ''}`.trim(),
      configuration:
        configuration && `${configuration.version} ${configuration.state} ${configuration.why ?? ''}`.trim(),
    };
    if (this.#isNews(`offer ${node}`, JSON.stringify(told))) this.#log.info(kind, { node, ...told });
  }

  #uplink({ kind, uplink, state, detail }: UplinkEvent & { readonly kind: 'uplink-state' }): void {
    // Every try to connect begins with `connecting`, and each pause names its own length.
    if (state === 'connecting') return;
    const news = state === 'waiting' ? detail.replace(/; next try in .*$/, '') : state;
    if (this.#isNews(`uplink ${uplink}`, news)) this.#log.info(kind, { uplink, state, detail });
  }

  #isNews(about: string, what: string): boolean {
    if (this.#last.get(about) === what) return false;
    this.#last.set(about, what);
    return true;
  }
}
