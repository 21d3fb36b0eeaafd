import { readStamp } from '../../clock.ts';
import type { ExportChoice } from '../../contract/export/manifest.ts';
import { recordKinds } from '../../export/choice.ts';
import { writeDurably } from '../../site/durable-file.ts';
import { exportedFileOf, exportedText, readExported } from '../../store/exported.ts';
import { storeFileOf } from '../../store/reader.ts';

/**
 * Notes in the site's store that all records of a time were exported, so that nobody is reminded of them. `begun`: when
 * the export was begun, which is how far one without an end reaches. An export of some points or kinds is none of all.
 */
export async function noteExport(
  { site, choice }: { readonly site: string; readonly choice: ExportChoice },
  begun: number,
): Promise<void> {
  const { from, to, kinds, points, factors, instruments } = choice;
  const isWhole = points === null && factors === null && instruments === null;
  if (!isWhole || !recordKinds.every((kind) => kinds.includes(kind))) return;
  const start = from === null ? 0 : (readStamp(from) ?? begun);
  const end = Math.min(begun, to === null ? begun : (readStamp(to) ?? 0));
  if (end <= start) return;
  const file = exportedFileOf(storeFileOf(site));
  // Whoever may not write there has exported all the same; only the reminder stays.
  await writeDurably(file, exportedText(readExported(file), [start, end])).catch(() => {});
}
