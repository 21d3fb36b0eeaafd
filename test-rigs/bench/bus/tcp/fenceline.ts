import { systemClock } from '../../../../gateway/clock.ts';
import { ModbusTcpConversation } from '../../../../gateway/driver/modbus/modbus-tcp-conversation.ts';
import { TcpLink } from '../../../../gateway/link/tcp-link.ts';
import { childPlan, serveParent } from '../../measure/child-program.ts';
import { registersPerRead, type TcpPlan, Transactions, unit } from './tcp-plan.ts';

/* Our own: the product's conversation over its TCP link, as many loops as requests are to be under way. */
const plan = childPlan<TcpPlan>();
const transactions = new Transactions();
const observe = (): void => undefined;
const link = new TcpLink({
  ...{ id: 'bench', settings: { host: '127.0.0.1', port: plan.port }, clock: systemClock, observe },
});
const fault = await link.open();
if (fault) throw new Error(fault.message);
const { outstanding } = plan;
const conversation = new ModbusTcpConversation({ link, clock: systemClock, observe, outstanding });

async function loop(): Promise<never> {
  for (;;) {
    const start = transactions.next();
    const question = { address: unit, functionCode: 3, start, count: registersPerRead } as const;
    const { data } = await conversation.ask({ ...question, instrument: 'slave', timeout: 1000, gap: 0 });
    transactions.got(start, data === null ? undefined : (data[0] ?? 0) * 256 + (data[1] ?? 0));
  }
}

for (let index = 0; index < outstanding; index++) void loop();
serveParent({ answers: { figures: () => transactions.figures() } });
