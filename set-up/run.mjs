import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { catalogueIndex } from './catalogue-index.mjs';
import { passSignalsOn } from './child.mjs';
import { installPackages, missingPackages } from './debian-packages.mjs';
import { dependencies } from './dependencies.mjs';
import { firmware } from './firmware.mjs';
import { alone } from './lock.mjs';
import { node24, putFirstOnPath } from './node-24.mjs';
import { page } from './page.mjs';
import { powerCut } from './power-cut.mjs';
import { CannotGoOn, say } from './progress.mjs';
import * as run from './verbs.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = node24(root);
const installed = dependencies(root, () => node.path);
const pages = page(root, () => node.path, installed.lockHash);
const nodes = firmware(root, () => node.path, installed.lockHash);
const index = catalogueIndex(root, () => node.path);
const cuts = powerCut(root, () => node.path);

/** @typedef {{ isDone: () => boolean, make: () => Promise<void> }} Step one thing that has to be there before a verb can run */

/** @type {Step} */
const packages = { isDone: () => missingPackages().length === 0, make: () => installPackages(missingPackages()) };
/** @type {Step} */
const nodeStep = { isDone: node.isThere, make: node.install };
/** @type {Step} */
const everything = { isDone: () => installed.has('all'), make: () => installed.install('all') };
/** @type {Step} */
const builtPage = { isDone: pages.isBuilt, make: pages.build };
/** @type {Step} */
const builtFirmware = { isDone: nodes.isBuilt, make: nodes.build };
/** @type {Step} */
const builtIndex = { isDone: index.isBuilt, make: index.build };
/** @type {Step} */
const builtShim = { isDone: cuts.isBuilt, make: cuts.build };
/**
 * What a site's box keeps: the gateway's own dependencies, the built page and firmware, but not what built them.
 * @type {Step}
 */
const forASite = {
  isDone: () => installed.has('production') && pages.isBuilt() && nodes.isBuilt(),
  make: async () => {
    if (pages.isBuilt() && nodes.isBuilt()) return installed.install('production');
    const wasAll = installed.has('all');
    if (!wasAll) await installed.install('all');
    if (!pages.isBuilt()) await pages.build();
    if (!nodes.isBuilt()) await nodes.build();
    if (!wasAll) await installed.prune();
  },
};

/** @type {Record<string, { needs: readonly Step[], run: (place: run.Place) => number | Promise<number>, does: string }>} */
const verbs = {
  start: {
    needs: [nodeStep, everything, builtPage, builtIndex],
    run: run.start,
    does: 'run the demo site with its page',
  },
  test: {
    needs: [packages, nodeStep, everything, builtPage, builtFirmware, builtShim],
    run: run.test,
    does: 'run all tests',
  },
  torture: {
    needs: [packages, nodeStep, everything, builtPage, builtIndex, builtShim],
    run: run.torture,
    does: 'kill the gateway and cut its power some hundred times; count what is lost',
  },
  soak: {
    needs: [nodeStep, everything, builtIndex],
    run: run.soak,
    does: 'let a simulated site live through mishaps at random; compare the platform with what its sensors gave',
  },
  check: { needs: [nodeStep, everything], run: run.check, does: 'check types, style, import directions and profiles' },
  bench: {
    needs: [nodeStep, everything, builtPage, builtIndex],
    run: run.bench,
    does: 'measure; without a name, list what can be measured',
  },
  rig: {
    needs: [packages, nodeStep, everything, builtIndex],
    run: run.rig,
    does: 'simulate instruments to train with',
  },
  firmware: {
    needs: [nodeStep, everything],
    run: run.firmware,
    does: 'compile the firmware of sensor nodes into edge/node/dist',
  },
  'set-up': {
    needs: [nodeStep, forASite, builtIndex],
    run: run.nextStep,
    does: 'prepare this machine to run the gateway at a site',
  },
};

/** @param {readonly Step[]} steps */
async function prepare(steps) {
  if (steps.every((step) => step.isDone())) return;
  await alone(root, async () => {
    for (const step of steps) if (!step.isDone()) await step.make();
  });
}

async function main() {
  const [name = '', ...args] = process.argv.slice(2);
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (!verb) {
    const list = Object.entries(verbs).map(([each, { does }]) => `  ${each.padEnd(8)}${does}`);
    process.stderr.write(`usage: node set-up/run.mjs VERB [arguments]\n\n${list.join('\n')}\n`);
    return 2;
  }
  passSignalsOn();
  putFirstOnPath(root, node.path);
  process.env.NODE_COMPILE_CACHE ??= join(root, '.fenceline/compile-cache');
  await prepare(verb.needs);
  return verb.run({ root, node: node.path, args });
}

try {
  process.exitCode = await main();
} catch (error) {
  say(
    error instanceof CannotGoOn
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error),
  );
  process.exitCode = 1;
}
