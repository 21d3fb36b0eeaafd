import { createServer } from 'node:net';
import { serveParent } from '../../measure/child-program.ts';

/*
 * Answers Modbus TCP reads of holding registers at once, all that one piece holds with one write. Register n holds
 * 1000 + n. It must never be what is measured, so it checks nothing and is given whole requests of twelve bytes.
 */

const requestBytes = 12;

function answers(requests: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + requestBytes <= requests.length; at += requestBytes) {
    const [start, count] = [requests.readUInt16BE(at + 8), requests.readUInt16BE(at + 10)];
    const answer = Buffer.allocUnsafe(9 + 2 * count);
    requests.copy(answer, 0, at, at + 8);
    answer.writeUInt16BE(3 + 2 * count, 4);
    answer[8] = 2 * count;
    for (let index = 0; index < count; index++) answer.writeUInt16BE(1000 + start + index, 9 + 2 * index);
    parts.push(answer);
  }
  const [only = Buffer.alloc(0)] = parts;
  return parts.length === 1 ? only : Buffer.concat(parts);
}

const server = createServer({ noDelay: true }, (socket) => {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    const requests = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const whole = requests.length - (requests.length % requestBytes);
    rest = requests.subarray(whole);
    if (whole > 0) socket.write(answers(requests.subarray(0, whole)));
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  serveParent({ ready: { port: typeof address === 'object' ? address?.port : 0 }, answers: {} });
});
