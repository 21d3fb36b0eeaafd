import { afterEach, expect, test } from 'vitest';
import { type Board, type BoardFault, isBoardFault } from '../../../edge/site-io/board.ts';
import { Contact } from '../../../edge/site-io/wired/contact.ts';
import { systemClock as clock, pause } from '../../../gateway/clock.ts';
import { systemBoards } from '../../../gateway/joining/system-parts.ts';
import { standardFirmata } from '../../surroundings/avr-board/sketches.ts';
import { TtyUno } from '../../surroundings/avr-board/tty-uno.ts';

const plugged: TtyUno[] = [];
const boards: Board[] = [];
const lost: BoardFault[] = [];

async function plugIn(): Promise<TtyUno> {
  const uno = await TtyUno.plugIn(standardFirmata());
  plugged.push(uno);
  return uno;
}

/** As the gateway opens it. */
async function open(uno: TtyUno, id = 'board'): Promise<Board | BoardFault> {
  const settings = { kind: 'firmata', path: uno.path } as const;
  const createBoard = await systemBoards({ links: { [id]: settings } }, clock);
  const board = await createBoard(id, settings)({ samplingInterval: 19, onLost: (one) => lost.push(one) });
  if (!isBoardFault(board)) boards.push(board);
  return board;
}

/** How often each was opened by `opened`. */
const openings = new Map<TtyUno, number>();

/** Again, as the gateway does, where a busy machine made the simulated chip start so slowly that nothing came from it. */
async function opened(uno: TtyUno, id?: string): Promise<Board> {
  let board: Board | BoardFault = { kind: 'no-firmware', message: '' };
  for (let tries = 0; tries < 4 && isBoardFault(board) && board.kind === 'no-firmware'; tries++) {
    openings.set(uno, (openings.get(uno) ?? 0) + 1);
    board = await open(uno, id);
  }
  if (isBoardFault(board)) throw new Error(board.message);
  return board;
}

async function until(holds: () => boolean): Promise<void> {
  for (let passed = 0; passed < 30_000 && !holds(); passed += 20) await pause(clock, 20);
  expect(holds()).toBe(true);
}

afterEach(async () => {
  await Promise.all(boards.splice(0).map((board) => board.close()));
  await Promise.all(plugged.splice(0).map((uno) => uno.remove()));
  lost.length = 0;
});

test('two boards are opened, which resets them; one is pulled out, told as lost, and comes back with its relay off', async () => {
  const [uno, other] = [await plugIn(), await plugIn()];
  uno.setAnalogue(0, 2.5);
  other.setAnalogue(0, 4);
  uno.setPin(4, 'open');
  const [board, another] = await Promise.all([opened(uno, 'one'), opened(other, 'other')]);
  expect([uno.resets, other.resets]).toEqual([openings.get(uno), openings.get(other)]);
  expect(await open(uno, 'again')).toMatchObject({ kind: 'taken' });

  const samples: number[] = [];
  const samplesOfOther: number[] = [];
  const edges: (boolean | null)[] = [];
  board.watchAnalogue(0, (raw) => samples.push(raw));
  another.watchAnalogue(0, (raw) => samplesOfOther.push(raw));
  const settings = { closedIs: 'low', stable: 50 } as const;
  const contact = new Contact({ clock, settings, onChange: (closed) => edges.push(closed) });
  board.watchLevel(4, { pullUp: true }, (high, at) => contact.level(high, at));
  const relay = board.output(7, { high: false });
  if (isBoardFault(relay)) throw new Error(relay.message);
  await until(() => contact.closed === false && samples.length > 3 && samplesOfOther.length > 3);
  expect([new Set(samples), new Set(samplesOfOther)]).toEqual([new Set([512]), new Set([819])]);
  uno.bounce(4, 'open', 'ground', [0, 0.7, 2, 3.5, 8]);
  await until(() => contact.closed === true);
  expect(edges).toEqual([false, true]);
  expect(await relay.set(true)).toBeNull();
  expect(await uno.driven(7)).toBe(true);

  await uno.unplug();
  await until(() => lost.length > 0);
  expect(lost).toMatchObject([{ kind: 'lost', message: expect.stringContaining(uno.path) }]);
  expect(await relay.set(false)).toMatchObject({ kind: 'lost' });
  expect(await open(uno)).toMatchObject({ kind: 'absent' });
  samplesOfOther.length = 0;
  await until(() => samplesOfOther.length > 3);

  await uno.replug();
  await opened(uno);
  expect(await uno.driven(7)).toBe(false);
});
