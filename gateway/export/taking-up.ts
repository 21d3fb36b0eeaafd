import { type ExportPart, manifestFile } from '../contract/export/manifest.ts';
import { canonicalJson } from '../record/canonical.ts';
import { type Medium, MediumFault, partial } from './medium.ts';
import { type ExportProgress, progressFile, readProgress, writeProgress } from './progress-file.ts';

/** The store that is exported, as far as an earlier attempt may have begun with another one. */
interface Epochs {
  readonly epochs: readonly { readonly id: string }[];
}

/**
 * Where an earlier attempt stood that was asked the same, its half-written files gone; where there was none the
 * beginning, which is written down. Throws a MediumFault where something else stands on the medium.
 */
export async function takeUp(medium: Medium, beginning: ExportProgress, store: Epochs): Promise<ExportProgress> {
  const earlier = await readProgress(medium);
  if (typeof earlier === 'string') throw new MediumFault('not-empty', earlier);
  if (earlier === null) {
    await refuseStrange(medium);
    await writeProgress(medium, beginning);
    return beginning;
  }
  refuseOtherQuestion(medium, earlier, beginning, store);
  for (const name of await medium.names()) if (name.endsWith(partial(''))) await medium.remove(name);
  return earlier;
}

async function refuseStrange(medium: Medium): Promise<void> {
  const names = await medium.names();
  const strange = names.filter((name) => !isOfTheSystem(name));
  if (strange.length === 0) return;
  if (names.includes(manifestFile)) {
    const message = `${medium.directory} holds a finished export; check it with fenceline verify, or name another directory`;
    throw new MediumFault('not-empty', message);
  }
  const message = `${medium.directory} is not empty (${strange.slice(0, 3).join(', ')}); name a directory of its own for the export`;
  throw new MediumFault('not-empty', message);
}

function refuseOtherQuestion(
  { directory }: Medium,
  { asked, ends }: ExportProgress,
  beginning: ExportProgress,
  { epochs }: Epochs,
): void {
  if (canonicalJson(asked) !== canonicalJson(beginning.asked)) {
    const message = `${directory} holds the beginning of another export, of another range or choice; go on with that one, or name another directory`;
    throw new MediumFault('not-empty', message);
  }
  const known = new Set(epochs.map(({ id }) => id));
  const gone = ends.find(({ epoch }) => !known.has(epoch));
  if (gone === undefined) return;
  const message = `${directory} holds the beginning of an export of another store (epoch ${gone.epoch}); name another directory`;
  throw new MediumFault('not-empty', message);
}

/**
 * What of it is still what was written: the first part that is not, and all behind it, go, to be made again. `onChecking`
 * is told how many steps were read through.
 */
export async function keepWhole(
  medium: Medium,
  earlier: ExportProgress,
  onChecking: (done: number, all: number) => void,
): Promise<ExportProgress> {
  const { steps } = earlier;
  const all = steps.length;
  let good = 0;
  for (; good < all; good++) {
    onChecking(good, all);
    if (!(await allThere(medium, steps[good]?.parts ?? []))) break;
  }
  for (const { file } of steps.slice(good).flatMap(({ parts }) => parts)) await medium.remove(file);
  const progress = { ...earlier, steps: steps.slice(0, good) };
  if (good < all) await writeProgress(medium, progress);
  return progress;
}

async function allThere(medium: Medium, parts: readonly ExportPart[]): Promise<boolean> {
  for (const { file, bytes, sha256 } of parts) {
    const found = await medium.read(file);
    if (found?.bytes !== bytes || found.sha256 !== sha256) return false;
  }
  return true;
}

/** What systems leave on sticks by themselves. */
function isOfTheSystem(name: string): boolean {
  return (
    name.startsWith('.') ||
    name === 'lost+found' ||
    name === 'System Volume Information' ||
    name === partial(progressFile)
  );
}
