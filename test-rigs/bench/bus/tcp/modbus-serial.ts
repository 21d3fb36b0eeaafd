import modbusSerial from 'modbus-serial';
import { childPlan, serveParent } from '../../measure/child-program.ts';
import { registersPerRead, type TcpPlan, Transactions, unit } from './tcp-plan.ts';

/* modbus-serial over TCP: as many loops as requests are to be under way; it tells them apart by their numbers. */
const ModbusRTU = modbusSerial.default;
const plan = childPlan<TcpPlan>();
const transactions = new Transactions();
const client = new ModbusRTU();
await client.connectTCP('127.0.0.1', { port: plan.port });
client.setID(unit);
client.setTimeout(1000);

async function loop(): Promise<never> {
  for (;;) {
    const start = transactions.next();
    const answer = await client.readHoldingRegisters(start, registersPerRead).catch(() => null);
    transactions.got(start, answer?.data[0]);
  }
}

for (let index = 0; index < plan.outstanding; index++) void loop();
serveParent({ answers: { figures: () => transactions.figures() } });
