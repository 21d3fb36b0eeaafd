import { constants, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { modbusCrc } from '../../../../device-profiles/modbus-crc.ts';
import { pause, systemClock } from '../../../../gateway/clock.ts';
import { childPlan, serveParent } from '../../measure/child-program.ts';
import { blocksOf, type LinePlan } from './line-plan.ts';
import { Tally } from './tally.ts';

/*
 * The least that does it: a tty of the system, requests written by hand, an answer taken to be whole by its length.
 * Nothing is checked but the first value, and a lost answer would end it: it shows what Node itself costs.
 */

const plan = childPlan<LinePlan>();
const tally = new Tally(plan.counted);
const descriptor = openSync(plan.paths[0] ?? '', constants.O_RDWR | constants.O_NOCTTY);
const tty = new ReadStream(descriptor);
let heard = (_: Buffer): void => undefined;
tty.setRawMode(true);
tty.on('data', (bytes: Buffer) => heard(bytes));

function read(address: number, start: number, count: number): Promise<Buffer> {
  const head = Uint8Array.of(address, 3, start >> 8, start & 0xff, 0, count);
  const crc = modbusCrc(head);
  writeSync(descriptor, Uint8Array.of(...head, crc & 0xff, crc >> 8));
  return new Promise((resolve) => {
    let answer: Buffer = Buffer.alloc(0);
    heard = (bytes) => {
      answer = answer.length === 0 ? bytes : Buffer.concat([answer, bytes]);
      if (answer.length >= 5 + 2 * count) resolve(answer);
    };
  });
}

async function loop(): Promise<never> {
  for (;;) {
    for (const address of plan.addresses) {
      for (const { start, count } of blocksOf(plan)) {
        const answer = await read(address, start, count);
        tally.delivered(
          address,
          start,
          Array.from({ length: count }, (_, index) => answer.readUInt16BE(3 + 2 * index)),
        );
        if (plan.rest !== undefined) await pause(systemClock, plan.rest);
      }
    }
  }
}

void loop();
serveParent({ answers: { figures: () => tally.figures() } });
