/**
 * Who may import whom, as data. A room is `device-profiles`, `test-rigs` or a folder of `gateway` or `edge`; a file
 * directly in `gateway` is named without its ending (`gateway/clock`, `gateway/gateway`).
 */

/** What a room may import besides itself. A pattern is a room, a file below it (`room/file.ts`), or `gateway/*` for any station. */
export type Allowance = {
  /** Imported at run time or by type. */
  readonly values: readonly string[];
  /** Imported with `import type` only. */
  readonly types: readonly string[];
};

const everyStation = ['device-profiles', 'gateway/*'];

/** The table. A room that is not in it may import nothing of ours. */
export const allowances: Readonly<Record<string, Allowance>> = {
  'device-profiles': { values: [], types: [] },
  'gateway/clock': { values: ['gateway/duration'], types: [] },
  'gateway/duration': { values: [], types: [] },
  'gateway/reading': { values: ['device-profiles/factors.ts'], types: ['device-profiles', 'gateway/clock'] },
  'gateway/record': { values: ['device-profiles/factors.ts'], types: ['device-profiles', 'gateway/reading'] },
  'gateway/link': { values: ['gateway/clock', 'gateway/duration', 'device-profiles/serial-settings.ts'], types: [] },
  'gateway/driver': {
    values: ['gateway/reading', 'gateway/clock', 'gateway/duration', 'device-profiles', 'edge/site-io'],
    types: ['gateway/link'],
  },
  // What an Arduino-class board is asked and told; its port is handed in.
  'edge/site-io': { values: [], types: ['gateway/clock'] },
  // Firmware: nothing of ours runs on the chip. Its tests hold it against what the gateway makes of the same bytes.
  'edge/node': { values: [], types: ['device-profiles'] },
  // How a question is asked is handed in; only what it looks like is known.
  'gateway/scan': { values: ['device-profiles', 'gateway/clock'], types: ['gateway/driver'] },
  'gateway/quality': { values: ['gateway/reading', 'gateway/record', 'gateway/clock', 'device-profiles'], types: [] },
  'gateway/averaging': { values: ['gateway/reading', 'gateway/record', 'gateway/clock', 'device-profiles'], types: [] },
  // Between the stations that measure and the record: what waits for the time goes their way later.
  'gateway/holding': {
    values: ['gateway/averaging', 'gateway/reading', 'gateway/record', 'gateway/clock'],
    types: ['gateway/store'],
  },
  'gateway/duty': { values: ['gateway/reading', 'gateway/record', 'gateway/clock', 'device-profiles'], types: [] },
  'gateway/store': { values: ['gateway/record', 'gateway/clock'], types: ['gateway/reading'] },
  // Hashes and signatures of what is held elsewhere; of the store it knows the door for reading only.
  'gateway/proof': {
    values: ['gateway/record', 'gateway/contract', 'gateway/clock', 'gateway/store/reader.ts'],
    types: ['gateway/store'],
  },
  'gateway/contract': { values: ['gateway/record'], types: [] },
  // Reads the store through its door for reading, and writes what the contract names.
  'gateway/export': {
    values: [
      'gateway/record',
      'gateway/contract',
      'gateway/clock',
      'gateway/store/reader.ts',
      'device-profiles/factors.ts',
    ],
    types: ['gateway/store'],
  },
  'gateway/uplink': { values: ['gateway/record', 'gateway/contract', 'gateway/clock'], types: ['gateway/store'] },
  'gateway/command': { values: ['gateway/contract', 'gateway/clock'], types: ['gateway/*'] },
  'gateway/diagnosis': { values: ['gateway/reading', 'gateway/record', 'gateway/clock'], types: everyStation },
  'gateway/http': { values: ['gateway/contract', 'gateway/clock'], types: everyStation },
  // What a line can carry and which values are read is known to the driver alone; the site's check asks it.
  'gateway/site': {
    values: [
      'device-profiles',
      'gateway/duration',
      'gateway/*/settings.ts',
      'gateway/driver/estimate.ts',
      'gateway/driver/instrument.ts',
      // It keeps the keys, and has the old one sign for the new one.
      'gateway/record/key-chain.ts',
      'gateway/record/signature.ts',
    ],
    // It keeps what the driver learns of instruments, and what the uplinks took of their month.
    types: ['gateway/clock', 'gateway/driver/polling/tolerances.ts', 'gateway/uplink/pacing/traffic.ts'],
  },
  'gateway/page': { values: [], types: ['gateway/http'] },
  'gateway/gateway': { values: everyStation, types: [] },
  'gateway/main': { values: everyStation, types: [] },
  'gateway/joining': { values: [...everyStation, 'edge/site-io'], types: [] },
  'gateway/software-version': { values: [], types: [] },
  'gateway/service-watchdog': { values: [], types: ['gateway/clock'] },
  'gateway/pino-log': { values: [], types: everyStation },
  'gateway/cli': { values: [...everyStation, 'edge/node'], types: [] },
  // Stories start the gateway on a site directory, which they load as its process does.
  'test-rigs': {
    values: [
      'device-profiles',
      'gateway/clock',
      'gateway/record',
      'gateway/contract',
      'gateway/gateway',
      // Opened to read what a stopped gateway left in it.
      'gateway/store/sqlite-store.ts',
      'gateway/site',
    ],
    types: [...everyStation, 'edge/*'],
  },
};

/** What the files below a folder may import besides what their room may. */
export const allowancesBelow: Readonly<Record<string, Allowance>> = {
  // A bench runs parts of the gateway as they are, beside its peers; a rig that stands for an instrument must not.
  'test-rigs/bench/bus/masters': { values: ['gateway/driver/line/line.ts', 'gateway/link'], types: [] },
  'test-rigs/bench/bus/tcp': {
    values: ['gateway/driver/modbus/modbus-tcp-conversation.ts', 'gateway/link'],
    types: [],
  },
  // The uplink as it is, without the gateway around it.
  'test-rigs/bench/uplink': { values: ['gateway/uplink'], types: [] },
  // Stories of the link alone: the store and the uplink as they are.
  'test-rigs/stories/link': { values: ['gateway/uplink'], types: [] },
  // Averaging, holding and store as they are, without the gateway around them.
  'test-rigs/holding': { values: ['gateway/averaging', 'gateway/holding', 'gateway/reading'], types: [] },
  // Its nodes come to a broker over TCP as in a gateway's process, while its clock runs faster.
  'test-rigs/stories/nodes': { values: ['gateway/link', 'gateway/joining/system-parts.ts'], types: [] },
  // The firmware is compiled and joined as its build does it.
  'test-rigs/surroundings/lua-machine': { values: ['edge/node'], types: [] },
  // npm has to be found as set-up finds it.
  'test-rigs/bench/peers': { values: ['set-up'], types: [] },
  // Set-up knows where what it builds stands.
  'test-rigs/surroundings/power-cut': { values: ['set-up'], types: [] },
};

/** What a test may import besides what its room may: the rigs; and a test among the rigs, any station. */
export const allowancesOfTests: { readonly besideTheCode: Allowance; readonly amongTheRigs: Allowance } = {
  besideTheCode: { values: ['test-rigs'], types: [] },
  amongTheRigs: { values: everyStation, types: [] },
};

/** Libraries that may be imported by more than one product file: they are the product's own language, not a border. */
export const librariesEverywhere: readonly string[] = ['zod', 'hono', '@hono/zod-openapi', 'preact'];
