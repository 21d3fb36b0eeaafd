import { serialSettingsText } from '../../../../device-profiles/serial-settings.ts';
import { lineOf } from '../../../link/settings.ts';
import type { Fit } from '../../../scan/fingerprint/fit.ts';
import type { Searched } from '../search.ts';
import type { Target } from '../target.ts';

/** What was found as one JSON object, for scripts. Scores are told as they are reckoned: 2^score to 1 against chance. */
export function reportJson({ id, settings }: Target, { report, otherMaster, skipped, meters }: Searched): string {
  const line = lineOf(settings);
  const { ended, took, instruments, ...rest } = report;
  return JSON.stringify({
    link: id,
    line: line === undefined ? null : serialSettingsText(line),
    ended: typeof ended === 'object' ? ended.reason : ended,
    why: typeof ended === 'object' ? ended.message : null,
    took: Math.round(took),
    ...rest,
    otherMaster,
    skipped,
    meters: meters && { ...meters, meters: meters.meters.map((one) => ({ ...one, fits: one.fits.map(fitJson) })) },
    instruments: instruments.map(({ best, others, contradicted, ...about }) => ({
      ...about,
      best: best.map(fitJson),
      others: others.map(fitJson),
      contradicted: contradicted.map(fitJson),
    })),
  });
}

function fitJson({ id, name: _, score, ...fit }: Fit) {
  return { profile: id, score: Math.round(score * 10) / 10, ...fit };
}
