import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import type { Profile } from '../../device-profiles/profile.ts';
import { serialSettingsText } from '../../device-profiles/serial-settings.ts';
import type { Cancel } from '../../gateway/clock.ts';
import { type ByteEnd, join, Listeners } from '../links/byte-end.ts';
import { TcpListener } from '../links/tcp-listener.ts';
import { TtyAdapter } from '../links/tty-pair.ts';

/** Where the gateway finds the simulated instruments, and how that is written in its site file. */
export interface Place {
  /** What a person is told. */
  readonly told: string;
  /** The link of `site.json`. */
  readonly link: Readonly<Record<string, unknown>>;
  readonly framing: 'modbus-rtu' | 'modbus-tcp';
  /** Calls back for each end that instruments are to sit on: the one line, or every connection. */
  onEnd(seat: (end: ByteEnd) => Cancel): void;
  close(): Promise<void>;
}

/** A place that cannot be had; the message says what to write. */
export class NoPlace extends Error {}

/** `pty`, `tcp://127.0.0.1:1502`, `tcp://127.0.0.1:1502?framing=modbus-tcp` or the path of a tty. */
export async function placeOf(text: string, profile: Profile): Promise<Place> {
  if (text === 'pty') return pty(profile);
  if (text.startsWith('tcp:')) return tcp(text);
  if (text.startsWith('/')) return device(text, profile);
  throw new NoPlace(`--link ${text} is no place; write pty, tcp://127.0.0.1:1502 or the path of a tty`);
}

const usualSpeed = { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 } as const;

function serialLink(path: string, profile: Profile): Place['link'] {
  const { baudRate, dataBits, parity, stopBits } = profile.serial?.default ?? usualSpeed;
  return { kind: 'serial', path, baudRate, dataBits, parity, stopBits };
}

/** A tty that this makes (socat), paced at the speed of the profile. */
async function pty(profile: Profile): Promise<Place> {
  const { baudRate } = profile.serial?.default ?? usualSpeed;
  const adapter = await TtyAdapter.plugIn({ baudRate });
  return {
    told: `${adapter.path} at ${serialSettingsText(profile.serial?.default ?? usualSpeed)}`,
    link: serialLink(adapter.path, profile),
    framing: 'modbus-rtu',
    onEnd: (seat) => void seat(adapter.line),
    close: () => adapter.remove(),
  };
}

/** A device server on this machine. Instruments that speak Modbus hear frames as `framing` says. */
async function tcp(text: string): Promise<Place> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const framing = url?.searchParams.get('framing') ?? 'modbus-rtu';
  if (url?.hostname !== '127.0.0.1' || !(framing === 'modbus-rtu' || framing === 'modbus-tcp')) {
    throw new NoPlace(`--link ${text}: write tcp://127.0.0.1:PORT, with ?framing=modbus-tcp for Modbus TCP`);
  }
  let seats: (end: ByteEnd) => Cancel = () => () => undefined;
  let listener: TcpListener;
  try {
    listener = await TcpListener.listen((end) => void seats(end), Number(url.port || 0));
  } catch (error) {
    throw new NoPlace(`--link ${text}: ${error instanceof Error ? error.message : error}; choose another port`);
  }
  return {
    told: `127.0.0.1:${listener.port}, ${framing}`,
    link: { kind: 'tcp', host: '127.0.0.1', port: listener.port, framing },
    framing,
    onEnd: (seat) => {
      seats = seat;
    },
    close: () => listener.close(),
  };
}

/** A tty that is there: the other end of a cable, or of a pair of ttys. Its speed is set by whoever made it. */
async function device(path: string, profile: Profile): Promise<Place> {
  if (!existsSync(path)) throw new NoPlace(`--link ${path}: there is no such tty; write pty to have one made`);
  const heard = new Listeners();
  const input = createReadStream(path);
  const output = createWriteStream(path);
  const opened = new Promise<void>((resolve, reject) => {
    output.once('open', () => resolve());
    output.once('error', reject);
    input.once('error', reject);
  });
  try {
    await opened;
  } catch (error) {
    throw new NoPlace(`--link ${path}: ${error instanceof Error ? error.message : error}`);
  }
  input.on('data', (bytes) => heard.tell(Buffer.from(bytes)));
  const end: ByteEnd = { send: (bytes) => void output.write(bytes), onBytes: (listener) => heard.add(listener) };
  return {
    told: `the other end of ${path}`,
    link: serialLink('the tty at the gateway', profile),
    framing: 'modbus-rtu',
    onEnd: (seat) => void seat(end),
    close: async () => {
      input.destroy();
      output.destroy();
    },
  };
}

/** Several instruments on one end hear all of it, as on one pair of wires. */
export function shareEnd(end: ByteEnd, seats: readonly ((end: ByteEnd) => Cancel)[]): Cancel {
  const listeners = new Listeners();
  const stop = join({ send: (bytes) => listeners.tell(bytes), onBytes: () => () => undefined }, end);
  const own: ByteEnd = { send: (bytes) => end.send(bytes), onBytes: (listener) => listeners.add(listener) };
  const stops = seats.map((seat) => seat(own));
  return () => {
    for (const one of [...stops, stop]) one();
  };
}
