import modbusSerial from 'modbus-serial';
import { pause, systemClock } from '../../../../gateway/clock.ts';
import { childPlan, serveParent } from '../../measure/child-program.ts';
import { blocksOf, type LinePlan } from './line-plan.ts';
import { Tally } from './tally.ts';

/*
 * A plain loop: reads one slave after the other, each with the fewest requests, and starts over when it is time. A slave
 * that does not answer costs its timeout, and its other requests are left out until the next time.
 */
const ModbusRTU = modbusSerial.default;
const plan = childPlan<LinePlan>();
const tally = new Tally(plan.counted);
const blocks = blocksOf(plan);
const [path = ''] = plan.paths;
const client = new ModbusRTU();
await client.connectRTUBuffered(path, { baudRate: plan.baudRate });
client.setTimeout(plan.timeout);

async function readSlave(address: number): Promise<void> {
  client.setID(address);
  for (const { start, count } of blocks) {
    const answer = await client.readHoldingRegisters(start, count).catch(() => null);
    if (answer === null) return tally.failed();
    tally.delivered(address, start, answer.data);
    if (plan.rest !== undefined) await pause(systemClock, plan.rest);
  }
}

async function loop(): Promise<never> {
  let due = performance.now();
  for (;;) {
    for (const address of plan.addresses) await readSlave(address);
    // Times that have passed meanwhile are left out.
    due = Math.max(due + plan.every, performance.now() - plan.every);
    if (plan.every > 0) await pause(systemClock, due - performance.now());
  }
}

void loop();
serveParent({ answers: { figures: () => tally.figures() } });
