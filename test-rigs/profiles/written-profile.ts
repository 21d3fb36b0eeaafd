import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { checkProfileFile, loadCatalogue, type ProfileFault } from '../../device-profiles/catalogue.ts';
import {
  type Decoded,
  interpret,
  nothingKnown,
  type Raw,
  readModbus,
  registersOf,
} from '../../device-profiles/decode.ts';
import { everyRead } from '../../device-profiles/modbus/reads.ts';
import { type ModbusProfile, type Profile, pointsOf } from '../../device-profiles/profile.ts';

/** The head of a Modbus profile `acme/test` of ten lines; what a test is about follows it. */
export const head = `profile: acme/test
name: { zh: 测试仪, en: test meter }
sources: [made up for a test]
confidence: C
protocol: modbus
serial: { default: 9600-8N1 }
address: { default: 1 }
`;

/** Profiles as an integrator writes them: files in a directory of their own. */
export class WrittenProfiles implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'profiles-'));

  /** For the length of a test. */
  static inTest(): WrittenProfiles {
    const written = new WrittenProfiles();
    onTestFinished(() => written[Symbol.dispose]());
    return written;
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true });
  }

  write(id: string, text: string): string {
    const file = join(this.directory, `${id}.yaml`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  faults(id: string): ProfileFault[] {
    return checkProfileFile(join(this.directory, `${id}.yaml`));
  }

  load(id: string): Profile {
    const catalogue = loadCatalogue({ directories: [this.directory] });
    const found = catalogue.find(id);
    if (found) return found.profile;
    throw new Error(`${id} is at fault: ${JSON.stringify(catalogue.faults(id), null, 1)}`);
  }
}

/** The Modbus profile `acme/test` of this body, through file, inheritance and check. */
export function modbusProfile(body: string): ModbusProfile {
  using written = new WrittenProfiles();
  written.write('acme/test', head + body);
  const profile = written.load('acme/test');
  if (profile.protocol !== 'modbus') throw new Error('the test profile is not Modbus');
  return profile;
}

/** What is wrong with the Modbus profile `acme/test` of this body, as `line field: fault; remedy`. */
export function faultsOf(body: string): string[] {
  using written = new WrittenProfiles();
  written.write('acme/test', head + body);
  return written.faults('acme/test').map(({ line, field, fault, remedy }) => `${line} ${field}: ${fault}; ${remedy}`);
}

/** Registers by their address, or `table:address` for another function code than 3, such as `2:16`. */
type Image = Readonly<Record<string, number>>;

/** Raw values of everything that the profile reads and the image holds whole. */
export function rawsIn(profile: ModbusProfile, image: Image): Map<string, Raw> {
  const raws = new Map<string, Raw>();
  for (const read of everyRead(profile)) {
    const registers = Array.from({ length: registersOf(read) }, (_, index) => {
      const address = read.register + index;
      return image[`${read.functionCode}:${address}`] ?? (read.functionCode === 3 ? image[address] : undefined);
    });
    if (registers.some((register) => register === undefined)) continue;
    const block = Uint16Array.from(registers as number[]);
    raws.set(read.id, readModbus(read, block, read.register));
  }
  return raws;
}

/** What all points of the profile mean with these registers and these parameters of the site. */
export function decodeAll(
  profile: ModbusProfile,
  image: Image,
  parameters: Readonly<Record<string, number>> = {},
): Map<string, Decoded> {
  return interpret(profile, pointsOf(profile), rawsIn(profile, image), { ...nothingKnown, parameters });
}

/** The same in short: the value, or the reason why there is none, by point. */
export function valuesIn(...given: Parameters<typeof decodeAll>): Record<string, number | string> {
  const entries = [...decodeAll(...given)].map(([id, decoded]) => {
    return [id, decoded.value ?? ('reason' in decoded ? decoded.reason : 'nothing')] as const;
  });
  return Object.fromEntries(entries);
}

/** The two registers of a float32, high word first. */
export function float32(value: number): [number, number] {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return [view.getUint16(0), view.getUint16(2)];
}

/** An image that holds these registers from an address on. */
export function registers(from: number, ...values: number[]): Image {
  return Object.fromEntries(values.map((value, index) => [String(from + index), value]));
}
