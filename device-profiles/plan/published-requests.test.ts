import { describe, expect, it } from 'vitest';
import { loadCatalogue } from '../catalogue.ts';
import { readsAtConnect, readsOf } from '../modbus/reads.ts';
import { modbusCrc } from '../modbus-crc.ts';
import { planRequests } from '../plan.ts';
import type { ModbusProfile } from '../profile.ts';

const catalogue = loadCatalogue({ directories: [], index: {} });

/** Every request for these points of the profile, as it stands on the wire for its address as delivered. */
function requestsFor(id: string, wanted?: readonly string[]): string[] {
  const profile = catalogue.find(id)?.profile;
  if (profile?.protocol !== 'modbus') throw new Error(`${id} is not a sound Modbus profile`);
  const points = profile.points.filter((point) => wanted === undefined || wanted.includes(point.id));
  expect(points.length).toBe(wanted?.length ?? profile.points.length);
  const plan = [
    ...planRequests(profile, readsOf(profile, points)),
    ...planRequests(profile, readsAtConnect(profile, [])),
  ];
  return plan.map((request) => frameOf(profile, request));
}

function frameOf({ address }: ModbusProfile, request: { functionCode: number; start: number; count: number }): string {
  const body = Buffer.alloc(6);
  body.writeUInt8(address.default ?? 1, 0);
  body.writeUInt8(request.functionCode, 1);
  body.writeUInt16BE(request.start, 2);
  body.writeUInt16BE(request.count, 4);
  const crc = Buffer.alloc(2);
  crc.writeUInt16LE(modbusCrc(body));
  return Buffer.concat([body, crc]).toString('hex').toUpperCase().match(/../g)?.join(' ') ?? '';
}

const volts = ['voltage-a', 'voltage-b', 'voltage-c'];

describe('what the published tools ask an instrument is what the plan asks it', () => {
  it.each([
    ['eastron/sdm630', '01 04 00 00 00 06 70 08', volts],
    ['eastron/sdm630', '01 04 00 34 00 02 30 05', ['active-power']],
    ['eastron/sdm630', '01 04 01 56 00 02 90 27', ['energy-total']],
    ['chint/dtsu666-h', '0B 03 07 D1 00 01 D5 ED'],
    ['delixi/dtsu6606', '01 03 03 00 00 17 05 80'],
    ['jxct/wind-speed', '01 03 00 16 00 01 65 CE'],
    ['jxct/temperature-humidity', '01 03 00 00 00 02 C4 0B'],
    ['nanjing-borui/md6000@fc3', '01 03 01 00 00 02 C5 F7'],
  ])('%s: %s', (id, request, wanted?: string[]) => {
    expect(requestsFor(id, wanted)).toContain(request);
  });

  it('the whole of a station with a wind scale takes one request', () => {
    expect(requestsFor('renke/rs-fsxcs-n01@wind-tenths')).toEqual(['01 03 01 F4 00 10 04 08']);
  });

  it('a DTSU666-H is read in one request, besides the one for its firmware when it is connected', () => {
    expect(requestsFor('chint/dtsu666-h')).toHaveLength(2);
  });
});
