/** Milliseconds on a scale that all threads of a process share; `performance.now` counts from each thread's own start. */
export function moment(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
