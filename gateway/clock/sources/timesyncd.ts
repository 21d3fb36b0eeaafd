import type { WallTime } from '../../clock.ts';
import type { NtpView } from '../machine.ts';

/**
 * The kernel's own mark by `timedatectl show`: whether somebody disciplines the system's clock at present (adjtimex's
 * STA_UNSYNC; Node cannot ask the kernel itself without native code). Setting the clock by hand takes the mark away.
 * Undefined when the text is no such answer.
 */
export function readTimedatectl(text: string): { readonly synchronized: boolean } | undefined {
  const found = /^NTPSynchronized=(yes|no)$/m.exec(text);
  return found === null ? undefined : { synchronized: found[1] === 'yes' };
}

/**
 * What systemd-timesyncd says by `timedatectl show-timesync`:
 *
 *   NTPMessage={ Leap=0, Version=4, Mode=4, Stratum=2, Precision=-25, RootDelay=15.304ms, RootDispersion=1.098ms,
 *                Reference=…, OriginateTimestamp=…, …, Ignored=no, PacketCount=5, Jitter=2.151ms }
 *
 * `touched`: when /run/systemd/timesync/synchronized was last touched, which is at every synchronisation
 * (systemd-timesyncd.service(8)); null when it is not there.
 */
export function readTimesync(text: string, touched: WallTime | null): NtpView {
  const message = /^NTPMessage=\{(.*)\}$/m.exec(text)?.[1] ?? '';
  const value = (name: string): string | undefined => new RegExp(`\\b${name}=([^,}]*)`).exec(message)?.[1]?.trim();
  const span = (name: string): number | null => readSpan(value(name) ?? '');
  const [delay, dispersion, jitter] = [span('RootDelay'), span('RootDispersion'), span('Jitter')];
  const stratum = Number(value('Stratum') ?? Number.NaN);
  return {
    service: 'systemd-timesyncd',
    synchronized: touched !== null,
    syncedAt: touched,
    uncertainty: delay === null || dispersion === null ? null : dispersion + delay / 2 + (jitter ?? 0),
    offset: null,
    stratum: Number.isInteger(stratum) ? stratum : null,
  };
}

const unitsOfSpan = { us: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A time span as systemd prints it, `1min 4.5s`, `953us`; milliseconds, null when it is none. */
function readSpan(text: string): number | null {
  if (text === '0') return 0;
  const parts = text.split(' ').map((part) => /^(\d+(?:\.\d+)?)(us|ms|s|min|h|d)$/.exec(part));
  let sum = 0;
  for (const part of parts) {
    if (part === null) return null;
    sum += Number(part[1]) * unitsOfSpan[part[2] as keyof typeof unitsOfSpan];
  }
  return sum;
}
