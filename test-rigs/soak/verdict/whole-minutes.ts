import type { GatewayTimes } from '../world/gateway-times.ts';
import type { Told } from './told.ts';

const minute = 60_000;
/** A start takes its time, and the first minutes of a run are parts. */
const settling = 125_000;

/** Every minute of these series is spoken of, or lies in a gap; and in a gap lie only minutes in which no gateway ran. */
export function uncoveredFindings(
  told: Told,
  series: readonly (readonly [point: string, factor: string])[],
  times: GatewayTimes,
  origin: number,
): string[] {
  const gaps = told.gaps.map(({ from, to, reason }) => ({ from: Date.parse(from), to: Date.parse(to), reason }));
  const divergences = series.flatMap(([point, factor]) => {
    const starts = [...told.wordsOf(point, factor).keys()].sort((a, b) => a - b);
    const said = new Set(starts);
    const missing: string[] = [];
    // A clock that was wrong may have put rows before the first start, of which nobody speaks.
    const begin = Math.max(starts[0] ?? 0, Math.ceil(((times.runs[0]?.from ?? 0) + origin) / minute) * minute);
    for (let from = begin; from < (starts.at(-1) ?? 0); from += minute) {
      if (
        said.has(from) ||
        !times.isExpected(point, from) ||
        gaps.some((gap) => gap.from <= from && from + minute <= gap.to)
      )
        continue;
      missing.push(`${point} ${factor}: nothing is said of ${new Date(from).toISOString()}`);
    }
    return missing;
  });
  for (const { from, to, reason } of gaps) {
    // By whichever of the times that its clock showed: one of them was right for this gap.
    const ran = times.errorsBetween(0, Number.POSITIVE_INFINITY).every((error) =>
      times.runs.some((run) => {
        const [begin, end] = [run.from + origin + error, run.to + origin + error];
        return times.everKnew(run) && begin + settling < to && end > from + settling;
      }),
    );
    if (ran && !times.isDisturbed(from) && !times.isDisturbed(to) && !times.wasFull(from, to, origin))
      divergences.push(
        `a gap (${reason}) of ${new Date(from).toISOString()} to ${new Date(to).toISOString()}, and the gateway ran`,
      );
  }
  return divergences;
}
