import { expect, test } from 'vitest';
import { isBoardFault } from '../../edge/site-io/board.ts';
import { openBoard } from '../../edge/site-io/johnny-five-board.ts';
import { ClockedUno } from '../../test-rigs/surroundings/avr-board/clocked-uno.ts';
import { standardFirmata } from '../../test-rigs/surroundings/avr-board/sketches.ts';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { letEverythingGo } from './relays-off.ts';

test('a board that no DTR line resets lets go at once, also where the gateway was killed within a message', async () => {
  const clock = new SimulatedClock();
  const uno = new ClockedUno({ clock, flash: standardFirmata() });
  for (const leftBehind of [[], [0xf0, 0x76, 0x10], [0x91, 0x01]]) {
    const opened = openBoard({ port: uno.port(), clock, samplingInterval: 19, onLost: () => undefined });
    const board = await clock.during(opened);
    if (isBoardFault(board)) throw new Error(board.message);
    const relay = board.output(8, { high: false });
    if (isBoardFault(relay)) throw new Error(relay.message);
    await clock.during(relay.set(true));
    uno.line.send(Uint8Array.from(leftBehind));
    await clock.advance(20);
    expect(uno.driven(8)).toBe(true);
    uno.line.send(letEverythingGo);
    await clock.advance(20);
    expect(uno.driven(8)).toBe(false);
  }
});
