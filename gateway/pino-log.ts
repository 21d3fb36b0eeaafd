import pino from 'pino';
import type { GatewayEvent } from './diagnosis/diagnosis.ts';

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
 * minute in normal running is counted by diagnosis and not written, or the card would wear out.
 */
export function logEvent(log: Log, event: GatewayEvent): void {
  switch (event.kind) {
    case 'link-opened':
    case 'http-listening':
    case 'http-login':
    case 'http-password-set':
    case 'store-recovered':
      log.info(event.kind, event);
      break;
    case 'uplink-state':
      log.info(event.kind, { uplink: event.uplink, state: event.state, detail: event.detail });
      break;
    case 'instrument-condition':
      log[event.condition === 'answering' ? 'info' : 'warn'](event.kind, {
        instrument: event.instrument,
        condition: event.condition,
        outcome: event.outcome,
      });
      break;
    case 'link-closed':
      if (event.fault === null) log.info(event.kind, { link: event.link });
      else log.warn(event.kind, { link: event.link, ...event.fault });
      break;
    case 'overload':
    case 'link-overflow':
    case 'reading-after-close':
    case 'store-dropped':
    case 'uplink-refused':
    case 'uplink-malformed':
    case 'http-malformed':
    case 'http-login-refused':
      log.warn(event.kind, event);
      break;
    case 'store-fault':
    case 'http-fault':
      log.error(event.kind, event);
      break;
    case 'transaction':
    case 'store-committed':
    case 'store-size':
    case 'uplink-sent':
    case 'uplink-acknowledged':
      break;
  }
}
