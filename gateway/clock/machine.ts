import type { WallTime } from '../clock.ts';

/** What an NTP service of this machine says. */
export interface NtpView {
  /** Which service: `chrony`, `systemd-timesyncd`, or `kernel` where only the kernel's own mark is known. */
  readonly service: 'chrony' | 'systemd-timesyncd' | 'kernel';
  readonly synchronized: boolean;
  /** When it last heard a server, by the system's clock; null where it does not tell. */
  readonly syncedAt: WallTime | null;
  /** Largest error of the system's clock against true time, milliseconds; null where it does not tell. */
  readonly uncertainty: number | null;
  /** How far the system's clock is known to be off at present, milliseconds; null where it does not tell. */
  readonly offset: number | null;
  readonly stratum: number | null;
}

/** The real-time clock that a battery keeps running while the machine is off. */
export interface BatteryClock {
  /** The driver's name, `rtc-ds1307`. */
  readonly name: string;
  /** What it shows, whole seconds. */
  readonly time: WallTime;
}

/** What the machine can tell about its time besides its wall clock. A test hands in a simulated one. */
export interface Machine {
  /** Changes with every boot and only then. */
  readonly bootId: string;
  /** Milliseconds since that boot, time asleep included; 10 ms resolution is enough. Cheap: asked at every poll. */
  uptime(): number;
  /** null: no NTP service can be asked. Never rejects; takes seconds at most. */
  ntp(): Promise<NtpView | null>;
  /** null: there is none. Never rejects. */
  batteryClock(): Promise<BatteryClock | null>;
  /** IANA name of the machine's own time zone; null where it is not known. */
  timezone(): string | null;
}

/** Where the gateway remembers, over boots, what it found of the battery clock. */
export interface ClockMemory {
  read(): Promise<string | undefined>;
  /** Durable when it resolves. */
  write(text: string): Promise<void>;
}
