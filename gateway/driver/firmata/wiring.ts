import { pointsOf } from '../../../device-profiles/profile.ts';
import type { FirmataPoint } from '../../../device-profiles/shape/firmata.ts';
import { everythingUnder } from '../../../device-profiles/value/leaning.ts';
import { type Board, type BoardFault, isBoardFault } from '../../../edge/site-io/board.ts';
import type { Clock } from '../../clock.ts';
import { wantedPoints } from '../instrument.ts';
import { type Edge, Edges } from './edges.ts';
import { type FirmataInstrument, supplyOf } from './firmata-instrument.ts';
import { ClampInput } from './inputs/clamp-input.ts';
import { ClimateInputs } from './inputs/climate-inputs.ts';
import { ContactInput, type ContactPoint } from './inputs/contact-input.ts';
import type { Input } from './inputs/input.ts';
import { LoopInput } from './inputs/loop-input.ts';

export interface WiringOptions {
  readonly instrument: FirmataInstrument;
  readonly clock: Clock;
  readonly onEdge: (point: ContactPoint, edge: Edge) => void;
  /** A contact changed, told before its edge and for every one of them. */
  readonly onContact: (id: string) => void;
}

/** What hangs on an open board: an input for each point that the site wants, from its opening to its loss. */
export class Wiring {
  readonly board: Board;
  readonly inputs: readonly Input[];
  readonly #edges: readonly Edges[];

  private constructor(board: Board, inputs: readonly Input[], edges: readonly Edges[]) {
    this.board = board;
    this.inputs = inputs;
    this.#edges = edges;
  }

  /** Tells the board what hangs on it; the first thing that it refuses is the fault. */
  static wire(board: Board, options: WiringOptions): Wiring | BoardFault {
    const inputs: Input[] = [];
    const edges: Edges[] = [];
    const { instrument, clock } = options;
    const points = neededPoints(instrument);
    const climate = points.some((point) => point.climate !== undefined)
      ? new ClimateInputs(board, instrument.profile.climateAddress, clock, instrument.settings.every)
      : undefined;
    for (const point of points) {
      const input = inputFor(point, board, options, edges, climate);
      if (isBoardFault(input)) return input;
      inputs.push(input);
    }
    return new Wiring(board, inputs, edges);
  }

  /** The contact of that point. */
  contact(id: string): ContactInput | undefined {
    return this.inputs.find((input): input is ContactInput => input instanceof ContactInput && input.point.id === id);
  }

  restart(): void {
    for (const input of this.inputs) input.restart();
  }

  /** The board is lost, or is about to be closed. */
  stop(): void {
    for (const input of this.inputs) input.stop();
    for (const edges of this.#edges) edges.stop();
  }
}

/** The points that are wired: those that the site wants, and the switches that lock its relays. */
function neededPoints(instrument: FirmataInstrument): FirmataPoint[] {
  const { profile, settings } = instrument;
  const needed = everythingUnder(profile, wantedPoints(instrument, pointsOf(profile)));
  const locks = profile.relays.filter(({ id }) => settings.commands?.includes(id)).map(({ lockOut }) => lockOut);
  return profile.points.filter(({ id }) => needed.has(id) || locks.includes(id));
}

function inputFor(
  point: FirmataPoint,
  board: Board,
  { instrument, clock, onEdge, onContact }: WiringOptions,
  edges: Edges[],
  climate: ClimateInputs | undefined,
): Input | BoardFault {
  const { contact, loop, clamp, climate: quantity } = point;
  // The check of the site leaves an instrument out whose supply nobody states.
  const supply = supplyOf(instrument) ?? Number.NaN;
  if (contact) {
    const told = { ...point, contact };
    const changes = new Edges(clock, (edge) => onEdge(told, edge));
    edges.push(changes);
    return ContactInput.wire(told, board, clock, (closed, _, at) => {
      onContact(point.id);
      changes.changed(closed, at);
    });
  }
  if (loop) return LoopInput.wire({ ...point, loop }, board, supply);
  if (clamp)
    return ClampInput.wire({ ...point, clamp }, board, supply, instrument.profile.samplingMs, () => clock.monotonic());
  if (quantity && climate) return climate.input(point, quantity);
  throw new RangeError(`${instrument.profile.profile}: ${point.id} is wired nowhere`);
}
