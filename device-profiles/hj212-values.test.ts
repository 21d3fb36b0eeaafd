import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHj212Message } from './hj212-message.ts';
import { decodeHj212 } from './hj212-values.ts';
import { type Hj212Profile, profileSchema } from './profile.ts';

function profileOf(point: object): Hj212Profile {
  const profile = profileSchema.parse({
    profile: 'test/source',
    name: { zh: '测试', en: 'Test' },
    sources: ['made up for a test'],
    confidence: 'C',
    protocol: 'hj212',
    origin: 'measured',
    serial: { default: '9600-8N1' },
    points: [{ id: 'p', factor: 'pm2.5', codes: ['a34004', 'PM25'], unit: 'µg/m³', ...point }],
  });
  if (profile.protocol !== 'hj212') throw new Error('not reached');
  return profile;
}

function read(items: string, point: object = {}) {
  const message = readHj212Message(Buffer.from(`QN=1;CN=2011;CP=&&DataTime=20191018104900;${items}&&`));
  if (message === null) throw new Error('no message');
  return decodeHj212(profileOf(point), message).get('p');
}

const decoded = (items: string, point: object = {}) => read(items, point)?.decoded;

describe('a value of HJ 212', () => {
  it('is found under the first of its codes that the packet holds', () => {
    expect(decoded('PM25-Rtd=15.4,PM25-Flag=N')).toEqual({ raw: 15.4, value: 15.4 });
    expect(decoded('PM25-Rtd=15.4;a34004-Rtd=16')).toMatchObject({ value: 16 });
    expect(decoded('a34002-Rtd=15.4')).toBeUndefined();
    expect(decoded('a34004-Avg=15.4')).toBeUndefined();
    expect(decoded('a34004-Avg=15.4', { field: 'Avg' })).toMatchObject({ value: 15.4 });
  });

  it.each([
    ['75600.000', 'ng/m³', 75.6],
    ['25', 'µg/m³', 25],
    ['0.033', 'mg/m³', 33],
    ['0.0', 'ng/m³', 0],
  ])('of %s %s is %d µg/m³', (text, unit, value) => {
    expect(decoded(`a34004-Rtd=${text}`, { unit })).toMatchObject({ value });
  });

  it.each([
    ['101.380', 'kPa', 101.38],
    ['1013.8', 'hPa', 101.38],
    ['101380', 'Pa', 101.38],
  ])('of %s %s is %d kPa', (text, unit, value) => {
    expect(decoded(`a34004-Rtd=${text}`, { factor: 'pressure', unit })).toMatchObject({ value });
  });

  it.each(['', '-', 'NaN', '--', '1e3', '12,5', '12;5', '0x10', '1.2.3', 'null', '99999999999999999999'])(
    'written %j is no number, and no zero',
    (text) => {
      expect(decoded(`a34004-Rtd=${text}`)).toEqual({ raw: null, value: null, reason: 'not-a-number' });
    },
  );

  it('with flag N, or without a flag, is taken as it is', () => {
    expect(decoded('a34004-Rtd=25,a34004-Flag=N')).toEqual({ raw: 25, value: 25 });
    expect(read('a34004-Rtd=25')).toEqual({ decoded: { raw: 25, value: 25 }, sampledAt: null });
  });

  it.each(['M', 'S', 'D', 'C', 'T'])('with flag %s keeps its number, and the flag', (flag) => {
    expect(decoded(`a34004-Rtd=25,a34004-Flag=${flag}`)).toEqual({ raw: 25, value: 25, state: { flag } });
  });

  it.each(['B', 'F'])('with flag %s was not measured: its zero is no value', (flag) => {
    const none = { raw: 0, value: null, reason: 'instrument-status', state: { flag } };
    expect(decoded(`a34004-Rtd=0.0,a34004-Flag=${flag}`)).toEqual(none);
  });

  it.each(['X', 'n', '', 'NN'])(
    'with flag %j, which the standard does not know, is no value, and that is said',
    (flag) => {
      expect(decoded(`a34004-Rtd=25,a34004-Flag=${flag}`)).toMatchObject({
        value: null,
        reason: 'instrument-status',
        state: { flag: 'D', en: `marked "${flag}", which is no flag of the standard` },
      });
    },
  );

  it('tells when its sample was taken', () => {
    expect(read('a34004-SampleTime=20191018104703,a34004-Rtd=25')?.sampledAt).toBe(
      Date.parse('2019-10-18T10:47:03+08:00'),
    );
    expect(read('a34004-SampleTime=20191332104703,a34004-Rtd=25')?.sampledAt).toBe('unreadable');
  });

  it('with digits after the point is that number, whatever the unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: -999_999, max: 999_999 }), fc.integer({ min: 0, max: 3 }), (digits, decimals) => {
        const text = (digits / 10 ** decimals).toFixed(decimals);
        expect(decoded(`a34004-Rtd=${text}`)?.value).toBe(Number(text) + 0);
        expect(decoded(`a34004-Rtd=${text}`, { unit: 'mg/m³' })?.value).toBe(Number(`${digits}e${3 - decimals}`) + 0);
      }),
    );
  });
});
