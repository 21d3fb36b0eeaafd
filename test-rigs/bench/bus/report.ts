/** One line of a table, cell by cell. */
export type Row = readonly string[];

/** Columns as wide as their widest cell, the first one to the left, the others to the right. */
export function table(rows: readonly Row[]): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: Row): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}

/** What the issue asks of a figure. */
interface Goal {
  readonly figure: string;
  readonly least?: number;
  readonly most?: number;
  /** A bar decides over the exit code; an aim is only told. */
  readonly isBar: boolean;
  readonly what: string;
}

const goals: readonly Goal[] = [
  { figure: 'utilisation', least: 0.97, isBar: true, what: 'bus utilisation against theory' },
  { figure: 'gapsTooShort', most: 0, isBar: true, what: 'gaps shorter than 3.5 characters' },
  { figure: 'cpuVsModbusSerial', most: 0.6, isBar: true, what: 'CPU per RTU transaction against modbus-serial' },
  { figure: 'fairnessWorst', least: 0.95, isBar: true, what: 'smallest share of its rate that a healthy slave kept' },
  { figure: 'tcpVsBareNet', least: 0.8, isBar: false, what: 'Modbus TCP transactions/s against a bare socket loop' },
  { figure: 'pipelinedVsModbusSerial', least: 2, isBar: false, what: 'pipelined against modbus-serial unpipelined' },
];

interface Verdict {
  readonly goal: Goal;
  readonly value: number | null;
  readonly isMet: boolean;
}

/** Judges what was measured; a goal whose part did not run is left out, one whose part found no figure is missed. */
export function judge(figures: Readonly<Record<string, unknown>>): Verdict[] {
  return goals.flatMap((goal) => {
    if (!(goal.figure in figures)) return [];
    const found = figures[goal.figure];
    const value = typeof found === 'number' && Number.isFinite(found) ? found : null;
    const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = goal;
    return [{ goal, value, isMet: value !== null && value >= least && value <= most }];
  });
}

export function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ goal: { what, least, most, isBar }, value, isMet }): Row => {
    const wanted = least === undefined ? `at most ${most}` : `at least ${least}`;
    return [what, value === null ? 'none' : String(value), wanted, isBar ? 'bar' : 'aim', isMet ? 'met' : 'missed'];
  });
  return table([['', 'measured', 'wanted', '', ''], ...rows]);
}
