import * as z from 'zod';

const unitsOfTime = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 } as const;

/** A length of time as people write it, `500ms`, `4s`, `1min`, `2h`; parsed to milliseconds. */
export const duration = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|min|h)$/, 'must be a number and a unit: 500ms, 4s, 1min or 2h')
  .transform((text) => {
    const [, number = '', unit = ''] = /^([\d.]+)(\w+)$/.exec(text) ?? [];
    return Math.round(Number(number) * unitsOfTime[unit as keyof typeof unitsOfTime]);
  });
