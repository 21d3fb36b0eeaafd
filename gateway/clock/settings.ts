import * as z from 'zod';
import { duration } from '../duration.ts';

/** What may vouch for the time besides what `trust` names. */
const vouchers = ['battery-clock', 'technician', 'platform'] as const;

/**
 * How the wall clock comes to be trusted. With `system` the operating system's time is right as soon as it can be right
 * at all; with `ntp` it is right once an NTP service of this machine (chrony, systemd-timesyncd) says so. Until then
 * readings are held, and what `also` names may vouch in its place; NTP corrects it later.
 */
export const clockSettings = z.strictObject({
  trust: z
    .enum(['system', 'ntp'])
    .default('system')
    .describe('`system`: the time of the operating system is taken as right; `ntp`: only once NTP has set it'),
  also: z
    .array(z.enum(vouchers))
    .max(vouchers.length)
    .default([...vouchers])
    .describe('What else may vouch for the time while the above does not'),
  within: duration
    .refine((milliseconds) => milliseconds >= 1000 && milliseconds <= 600_000)
    .prefault('60s')
    .describe('Largest possible error of a time that NTP or the battery clock vouches for, to count as known'),
  batteryDrift: z
    .number()
    .min(1)
    .max(500)
    .default(50)
    .describe('Most that the battery clock gains or loses, parts per million: 50 are 4.3 s a day'),
});

/** The setting in use: defaults filled in, durations in milliseconds. */
export type ClockSettings = z.output<typeof clockSettings>;
