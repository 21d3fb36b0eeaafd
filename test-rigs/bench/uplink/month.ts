import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer, connect as openSocket, type Server } from 'node:net';
import { join } from 'node:path';
import { pause, systemClock } from '../../../gateway/clock.ts';
import { pingAfter } from '../../../gateway/uplink/broker.ts';
import { freePort } from '../../links/free-port.ts';
import { MosquittoBroker } from '../../surroundings/mosquitto-broker.ts';
import { PlatformProcess } from '../main/surroundings.ts';
import { Program } from '../measure/program.ts';
import { rounded } from '../measure/statistics.ts';
import type { GatewayPlan } from './programs/opened-gateway.ts';

/** The run is so many times as fast as life: minutes, status, keep-alive and commit windows alike. */
const faster = 25;
const minutesOfMonth = 30 * 24 * 60;
/** Seconds, as the site file has it by default. */
const statusEvery = 600;

/** Connections that a month makes: one a day, as mobile networks do. */
const connections = 30;
/** IPv4 and TCP with timestamps: what a SIM card is charged for beside the bytes on the socket. */
const headerBytes = 52;

/** What went through, both directions together; a chunk is about a segment. */
interface Traffic {
  bytes: number;
  chunks: number;
}

/** Bytes of a month, megabytes of 1,000,000 bytes. */
export interface Month {
  /** On the socket: TLS and MQTT whole, both directions. */
  readonly megabytes: number;
  /** With the headers of TCP and IP, each segment acknowledged by one of its own: more than it will be. */
  readonly megabytesWithHeaders: number;
  readonly bytesPerMinute: number;
  readonly bytesPerConnection: number;
  /** Minutes of the site that were counted. */
  readonly minutes: number;
}

/** Passes a socket on to the broker and counts; it listens on a port of its own. */
async function countingProxy(target: number, traffic: Traffic): Promise<{ port: number; server: Server }> {
  const server = createServer((near) => {
    const far = openSocket(target, '127.0.0.1');
    const pass = (from: typeof near, to: typeof near): void => {
      from.on('data', (bytes) => {
        traffic.bytes += bytes.length;
        traffic.chunks += 1;
        to.write(bytes);
      });
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    };
    pass(near, far);
    pass(far, near);
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { port, server };
}

function certificate(directory: string): { certificate: string; key: string } {
  const [certificate, key] = [join(directory, 'certificate.pem'), join(directory, 'key.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const who = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...who, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  return { certificate, key };
}

/** A site of ten factors over TLS for so many of its minutes, counted on the socket and reckoned up to a month. */
export async function measureMonth(directory: string, minutes: number, withSamples: boolean): Promise<Month> {
  mkdirSync(directory, { recursive: true });
  const files = certificate(directory);
  const plain = await freePort();
  // Started by root, mosquitto would become a user who may not read the key.
  const user = 'user root';
  const tls = [user, `certfile ${files.certificate}`, `keyfile ${files.key}`, `listener ${plain} 127.0.0.1`];
  const broker = await MosquittoBroker.start(tls);
  const traffic: Traffic = { bytes: 0, chunks: 0 };
  const proxy = await countingProxy(broker.port, traffic);
  const near = { name: 'mosquitto', url: `mqtt://127.0.0.1:${plain}`, protocol: '5', pid: broker.pid } as const;
  const platform = await PlatformProcess.start(
    { ...near, stop: () => broker.stop() },
    join(directory, 'platform.sqlite'),
  );
  const plan: GatewayPlan = {
    ...{
      directory: join(directory, 'site'),
      gateway: 'zl-0001',
      url: `mqtts://127.0.0.1:${proxy.port}`,
      protocol: '5',
    },
    ...{
      points: 10,
      newMinuteEvery: 60_000 / faster,
      statusEvery: statusEvery / faster,
      keepalive: pingAfter / faster,
    },
    windows: { records: 1000 / faster, samples: 10_000 / faster },
    ...(withSamples ? { readingsEvery: 4000 / faster } : {}),
  };
  mkdirSync(plan.directory);
  process.env.NODE_EXTRA_CA_CERTS = files.certificate;
  const { program } = await Program.start(join(import.meta.dirname, 'programs', 'living.ts'), plan);
  try {
    // Connected, introduced, and the first minute out: what comes after is one minute like another.
    await pause(systemClock, 1.5 * plan.newMinuteEvery);
    const first = { ...traffic };
    const before = await program.ask<{ minutes: number }>('lived');
    await pause(systemClock, minutes * plan.newMinuteEvery);
    const after = await program.ask<{ minutes: number }>('lived');
    if (traffic.bytes === first.bytes) throw new Error('nothing went over the line');
    return reckoned(first, traffic, after.minutes - before.minutes);
  } finally {
    delete process.env.NODE_EXTRA_CA_CERTS;
    await program.stop();
    await platform.stop();
    proxy.server.close();
    await broker.stop();
  }
}

function reckoned(first: Traffic, last: Traffic, minutes: number): Month {
  const perMinute = { bytes: (last.bytes - first.bytes) / minutes, chunks: (last.chunks - first.chunks) / minutes };
  const month = (of: keyof Traffic): number => perMinute[of] * minutesOfMonth + first[of] * connections;
  const [bytes, chunks] = [month('bytes'), month('chunks')];
  return {
    megabytes: rounded(bytes / 1e6, 1),
    megabytesWithHeaders: rounded((bytes + 2 * headerBytes * chunks) / 1e6, 1),
    bytesPerMinute: Math.round(perMinute.bytes),
    bytesPerConnection: first.bytes,
    minutes,
  };
}
