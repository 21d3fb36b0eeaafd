/** Something the person at the terminal has to do before set-up can go on; its message says what. */
export class CannotGoOn extends Error {}

/**
 * Tells the person at the terminal what set-up does. It goes to standard error, so that standard output holds only
 * what the verb itself prints.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`set-up: ${line}\n`);
}

/**
 * Says what is about to happen, does it, and says how long it took.
 * @param {string} what
 * @param {() => Promise<void>} work
 */
export async function announced(what, work) {
  say(what);
  const began = performance.now();
  await work();
  say(`done in ${((performance.now() - began) / 1000).toFixed(1)} s`);
}
