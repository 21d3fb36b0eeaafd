import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FactorCode } from '../../../device-profiles/factors.ts';
import type { SiteDocument } from '../../../gateway/site/site-schema.ts';

/** What every peer does in this bench. */
export const workload = {
  instruments: 10,
  registers: 20,
  /** Milliseconds between two polls of one instrument. */
  every: 1000,
  text: '10 Modbus TCP instruments x 20 registers at 1 s, every sample sent over MQTT at QoS 1',
} as const;

export const unitId = 1;

/** The first two registers hold the moment of the answer; what they are called matters to nobody. */
export const stampFactors: readonly [FactorCode, FactorCode] = ['particles-0.3', 'particles-0.5'];

const factors: readonly FactorCode[] = [
  ...stampFactors,
  ...(['pm1', 'pm2.5', 'pm10', 'tsp', 'temperature', 'humidity', 'pressure', 'wind-speed', 'wind-force'] as const),
  ...(['illuminance', 'solar-radiation', 'noise', 'sulfur-dioxide', 'nitrogen-dioxide', 'nitric-oxide'] as const),
  ...(['particles-1', 'particles-2.5', 'particles-5'] as const),
];

/** The moment of an answer as two registers: milliseconds of the wall clock, their lowest 32 bits, high word first. */
export function stampRegisters(now: number): [number, number] {
  return [Math.floor(now / 65_536) % 65_536, now % 65_536];
}

/** Milliseconds between a moment and the answer that carried these two registers. */
export function sinceAnswer(high: number, low: number, now: number): number {
  return (((now - high * 65_536 - low) % 2 ** 32) + 2 ** 32) % 2 ** 32;
}

const profileId = 'bench/twenty-registers';

/** A profile of the site's own: as many points as registers, each a factor of its own. */
function profile(): object {
  return {
    profile: profileId,
    name: { zh: '二十寄存器测试仪', en: 'Twenty registers for measuring' },
    sources: ['the slaves of this bench'],
    confidence: 'A',
    protocol: 'modbus',
    serial: { default: '9600-8N1' },
    address: { default: unitId },
    points: factors.map((factor, register) => ({ id: factor, factor, functionCode: 3, register, type: 'u16' })),
  };
}

function siteDocument(broker: string, protocol: '3.1.1' | '5', ports: readonly number[]): SiteDocument {
  const names = ports.map((port, index) => ({ port, id: `instrument-${index + 1}` }));
  const linkOf = (port: number) => ({ kind: 'tcp', host: '127.0.0.1', port, framing: 'modbus-tcp' }) as const;
  return {
    gateway: { id: 'bench-0001', area: '320404', timezone: 'Asia/Shanghai' },
    source: { name: 'Bench', kind: 'other' },
    links: Object.fromEntries(names.map(({ id, port }) => [id, linkOf(port)])),
    points: names.map(({ id }) => ({ id })),
    instruments: names.map(({ id }) => ({
      ...{ id, profile: profileId, link: id, address: unitId, point: id },
      ...{ every: `${workload.every}ms`, simulated: true },
    })),
    uplinks: [{ id: 'platform', kind: 'mqtt', url: broker, protocol, acknowledge: 'platform', spreadBacklog: '1s' }],
    samples: { keep: true, commitEvery: '1s' },
    page: { listen: '127.0.0.1:0' },
  };
}

/** Writes the site directory of this workload. */
export async function writeSite(
  directory: string,
  broker: { readonly url: string; readonly protocol: '3.1.1' | '5' },
  ports: readonly number[],
): Promise<void> {
  const profiles = join(directory, 'profiles', 'bench');
  await mkdir(profiles, { recursive: true });
  // JSON is YAML as well.
  await writeFile(join(profiles, 'twenty-registers.yaml'), `${JSON.stringify(profile(), null, 2)}\n`);
  const document = siteDocument(broker.url, broker.protocol, ports);
  await writeFile(join(directory, 'site.json'), `${JSON.stringify(document, null, 2)}\n`);
}
