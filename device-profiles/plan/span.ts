/** A stretch of registers, or of bits for function codes 1 and 2, as one read request names it. */
export interface Span {
  readonly functionCode: 1 | 2 | 3 | 4;
  /** First register or bit, 0-based. */
  readonly start: number;
  /** How many registers or bits. */
  readonly count: number;
}

/** True if every register of `inner` is in `outer`. */
export function contains(outer: Span, inner: Span): boolean {
  return outer.functionCode === inner.functionCode && outer.start <= inner.start && endOf(inner) <= endOf(outer);
}

/** The register behind the last one. */
export function endOf({ start, count }: Span): number {
  return start + count;
}

/** The shortest span that holds all of these, which are of one function code and at least one. */
export function hullOf(spans: readonly Span[]): Span {
  const functionCode = spans[0]?.functionCode ?? 3;
  const start = Math.min(...spans.map((span) => span.start));
  return { functionCode, start, count: Math.max(...spans.map(endOf)) - start };
}
