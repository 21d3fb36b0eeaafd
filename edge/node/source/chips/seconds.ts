/**
 * Whole seconds since the boot, from a counter of microseconds that goes back to 0 after 2^31 of them (35 min 47 s). Has
 * to be asked within each such turn; never goes back.
 */
export function secondsFrom(counter: () => number): () => number {
  let last = 0;
  let seconds = 0;
  let rest = 0;
  return () => {
    const now = counter();
    const passed = microsecondsBetween(last, now);
    last = now;
    // Apart, because both together may be more than a 32-bit whole number holds.
    const whole = math.floor(passed / 1000000);
    seconds += whole;
    rest += passed - whole * 1000000;
    if (rest >= 1000000) {
      rest -= 1000000;
      seconds += 1;
    }
    return seconds;
  };
}

/** Microseconds from one reading of such a counter to a later one, less than one turn apart. */
export function microsecondsBetween(earlier: number, later: number): number {
  const passed = later - earlier;
  // 2^31 itself is no 32-bit whole number.
  return passed < 0 ? passed + 2147483647 + 1 : passed;
}
