import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childPlan, serveParent } from '../../measure/child-program.ts';
import { peersDirectory } from '../../peers/installed-peers.ts';
import { blocksOf, type LinePlan } from './line-plan.ts';
import { Tally } from './tally.ts';

/*
 * Node-RED without its editor, on no port, with node-red-contrib-modbus: a read node for each request, all on one serial
 * client, and one function node that counts what comes. One slave after the other (`parallelUnitIdsAllowed: false`),
 * and no new connection after a timeout (`reconnectOnTimeout: false`), which would cost the healthy slaves seconds. Its
 * queue has no bound, so the plan must not ask for more than the line can give.
 */

/** What is used of Node-RED's runtime; it has no types of its own. */
interface NodeRed {
  init(server: unknown, settings: object): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly events?: { once(event: string, listener: () => void): void };
}

const plan = childPlan<LinePlan>();
const tally = new Tally(plan.counted);
const directory = await mkdtemp(join(tmpdir(), 'fenceline-node-red-'));

function flow(): object[] {
  const client = {
    ...{ id: 'client', type: 'modbus-client', name: 'line', clienttype: 'serial', bufferCommands: true },
    ...{ serialPort: plan.paths[0], serialType: 'RTU-BUFFERD', serialBaudrate: String(plan.baudRate) },
    ...{ serialDatabits: '8', serialStopbits: '1', serialParity: 'none', serialConnectionDelay: '100' },
    ...{ unit_id: '1', commandDelay: '1', clientTimeout: String(plan.timeout), reconnectTimeout: '2000' },
    ...{ reconnectOnTimeout: false, parallelUnitIdsAllowed: false },
  };
  const reads = plan.addresses.flatMap((address) =>
    blocksOf(plan).map(({ start, count }) => ({
      ...{ id: `read-${address}-${start}`, type: 'modbus-read', z: 'tab', topic: `${address}/${start}` },
      ...{ unitid: String(address), dataType: 'HoldingRegister', adr: String(start), quantity: String(count) },
      ...{ rate: String(plan.every), rateUnit: 'ms', server: 'client', emptyMsgOnFail: true, wires: [['count'], []] },
    })),
  );
  const count = {
    ...{ id: 'count', type: 'function', z: 'tab', outputs: 0, wires: [] },
    func: "global.get('delivered')(msg.topic, msg.payload);",
  };
  return [{ id: 'tab', type: 'tab', label: 'bench' }, client, ...reads, count];
}

function delivered(topic: string, payload: number[] | ''): void {
  const [address, start] = topic.split('/').map(Number);
  if (Array.isArray(payload)) tally.delivered(address ?? 0, start ?? 0, payload);
  else tally.failed();
}

const nodeRed = createRequire(join(peersDirectory, 'package.json'))('node-red') as NodeRed;
await writeFile(join(directory, 'flows.json'), JSON.stringify(flow()));
nodeRed.init(createServer(), {
  ...{ userDir: directory, flowFile: 'flows.json', httpAdminRoot: false, httpNodeRoot: false },
  ...{ credentialSecret: false, telemetry: { enabled: false, updateNotification: false } },
  ...{ functionGlobalContext: { delivered }, logging: { console: { level: 'fatal' } } },
});
const started = nodeRed.events ? once(nodeRed.events as never, 'flows:started') : Promise.resolve();
await nodeRed.start();
await started;
serveParent({
  answers: { figures: () => tally.figures() },
  end: async () => {
    await nodeRed.stop();
    await rm(directory, { recursive: true, force: true });
  },
});
