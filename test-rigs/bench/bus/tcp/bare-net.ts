import { once } from 'node:events';
import { connect } from 'node:net';
import { childPlan, serveParent } from '../../measure/child-program.ts';
import { registersPerRead, type TcpPlan, Transactions, unit } from './tcp-plan.ts';

/*
 * The least that does it: a socket, requests written by hand, answers taken in the order in which they come. Nothing is
 * checked but the first value.
 */

const plan = childPlan<TcpPlan>();
const transactions = new Transactions();
const socket = connect({ host: '127.0.0.1', port: plan.port, noDelay: true });
await once(socket, 'connect');

const answerBytes = 9 + 2 * registersPerRead;
const asked: number[] = [];
let number = 0;
let rest: Buffer = Buffer.alloc(0);

function ask(): void {
  const start = transactions.next();
  number = (number + 1) & 0xffff;
  asked.push(start);
  const [high, low] = [number >> 8, number & 0xff];
  socket.write(Uint8Array.of(high, low, 0, 0, 0, 6, unit, 3, start >> 8, start & 0xff, 0, registersPerRead));
}

socket.on('data', (bytes) => {
  rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
  let at = 0;
  for (; at + answerBytes <= rest.length; at += answerBytes) {
    transactions.got(asked.shift() ?? -1, rest.readUInt16BE(at + 9));
    ask();
  }
  rest = rest.subarray(at);
});
for (let index = 0; index < plan.outstanding; index++) ask();
serveParent({ answers: { figures: () => transactions.figures() } });
