/** Microseconds from one reading of a counter of 31 bits to a later one, less than one turn (35 min 47 s) apart. */
function microsecondsBetween(earlier: number, later: number): number {
  const passed = later - earlier;
  // 2^31 itself is no 32-bit whole number.
  return passed < 0 ? passed + 2147483647 + 1 : passed;
}

/** Whole seconds since the boot, from such a counter. Has to be asked within each turn; never goes back. */
function secondsFrom(counter: () => number): () => number {
  let last = 0;
  let rest = 0;
  let seconds = 0;
  return () => {
    const now = counter();
    rest += microsecondsBetween(last, now);
    last = now;
    // Step by step: a 32-bit float could not divide this exactly.
    while (rest >= 1000000) {
      rest -= 1000000;
      seconds += 1;
    }
    return seconds;
  };
}

export { microsecondsBetween, secondsFrom };
