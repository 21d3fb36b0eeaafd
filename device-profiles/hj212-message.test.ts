import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { publishedPackets } from '../test-rigs/instruments/published-hj212.ts';
import { beijingTime, hj212DataAcknowledgement, readHj212Message } from './hj212-message.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');

function read(segment: string) {
  const message = readHj212Message(bytes(segment));
  if (message === null) throw new Error('no message');
  return message;
}

const published = (id: string) => read(publishedPackets.find((one) => one.id === id)?.text.slice(6, -4) ?? '');
const item = (message: ReturnType<typeof read>, code: string) => Object.fromEntries(message.items.get(code) ?? []);

describe('a published data segment', () => {
  it('A5, dust, is read whole', () => {
    const message = published('A5');
    expect(message).toMatchObject({
      queryNumber: '20191018104952418',
      system: '22',
      command: '2011',
      password: '123456',
      device: 'ZX00001',
      flag: 5,
      parts: null,
      isResent: false,
      dataTime: Date.parse('2019-10-18T10:49:00+08:00'),
    });
    expect([...message.items.keys()]).toEqual([
      'a34002',
      'a34004',
      'a01001',
      'a01002',
      'a01008',
      'a01007',
      'a34001',
      'LA',
    ]);
    expect(item(message, 'LA')).toEqual({ Rtd: '66.8', Flag: 'N' });
  });

  it('A7 has no flags with its values', () => {
    expect(item(published('A7'), 'a34004')).toEqual({ Rtd: '0.0' });
  });

  it('B2, water, tells when each sample was taken', () => {
    expect(item(published('B2'), 'w01018')).toEqual({ SampleTime: '20240123110306', Rtd: '4653.8', Flag: 'N' });
  });

  it('B5 has codes of 2005, no QN and no Flag', () => {
    const message = published('B5');
    expect(message).toMatchObject({ queryNumber: null, flag: null, system: '32', command: '2011' });
    expect(item(message, '011')).toEqual({ Rtd: '32.439', Flag: 'N' });
    expect(item(message, 'B01')).toEqual({ Rtd: '0.000' });
  });

  it('B6 has nothing in CP, and B7 an empty password', () => {
    expect(published('B6')).toMatchObject({ command: '9021', items: new Map(), parameters: new Map() });
    const restart = published('B7');
    expect(restart).toMatchObject({ command: '2081', password: '' });
    expect(restart.parameters.get('RestartTime')).toBe('20200425120954');
  });

  it('B11, an analyser of stack gas, has converted values beside the plain ones', () => {
    expect(item(published('B11'), 'a24088')).toEqual({ Rtd: '37.55', ZsRtd: '37.55', Flag: 'N' });
  });

  it('C1 writes DataTime with milliseconds', () => {
    expect(published('C1').dataTime).toBe(Date.parse('2021-03-05T00:38:17+08:00'));
  });
});

describe('a data segment as the standard prints it by mistake', () => {
  it.each([
    ['a comma after QN (C.22, C.48)', 'QN=20160801085857223,ST=32;CN=2011;MN=M1;CP=&&a1-Rtd=1&&'],
    ['no semicolon before CP (C.19)', 'QN=20160801085857223;ST=32;CN=2011;MN=M1;Flag=5CP=&&a1-Rtd=1&&'],
    ['blanks around what is in CP', 'QN=20160801085857223;ST=32;CN=2011;MN=M1;CP=&& a1-Rtd = 1 &&'],
    ['a semicolon at the end', 'QN=20160801085857223;ST=32;CN=2011;MN=M1;CP=&&a1-Rtd=1;&&;'],
    ['no && at the end', 'QN=20160801085857223;ST=32;CN=2011;MN=M1;CP=&&a1-Rtd=1'],
  ])('with %s is read all the same', (_, segment) => {
    const message = read(segment);
    expect(message).toMatchObject({ queryNumber: '20160801085857223', command: '2011', device: 'M1' });
    expect(item(message, 'a1')).toEqual({ Rtd: '1' });
  });

  it('with a comma between BeginTime and EndTime (C.23, C.41), or blanks alone in CP, is read all the same', () => {
    const asked = read('QN=1;CN=2061;CP=&&BeginTime=20160801080000,EndTime=20160801120000&&');
    expect(asked.parameters.get('EndTime')).toBe('20160801120000');
    expect(read('QN=1;CN=2061;CP=&& &&').parameters.size).toBe(0);
  });
});

describe('a data segment', () => {
  it('of the 2025 edition may be marked as sent again', () => {
    expect(read('QN=1;ST=22;CN=2011;MN=M1;Flag=9;RF=1;CP=&&&&')).toMatchObject({ isResent: true, flag: 9 });
  });

  it('of a split message says which part it is', () => {
    expect(read('QN=1;CN=2061;Flag=6;PNUM=3;PNO=2;CP=&&&&').parts).toEqual({ total: 3, number: 2 });
  });

  it('that says two things of one value says nothing of it', () => {
    expect(item(read('CN=2011;CP=&&a1-Rtd=1,a1-Rtd=2,a1-Flag=N,a1-Flag=N&&'), 'a1')).toEqual({ Rtd: '', Flag: 'N' });
  });

  it.each([
    ['nothing', ''],
    ['no command', 'QN=1;ST=22;MN=M1;CP=&&a1-Rtd=1&&'],
    ['a command that is none', 'CN=20x1;CP=&&a1-Rtd=1&&'],
    ['a command in CP alone', 'CP=&&CN=2011&&'],
    ['words', 'hello, world'],
  ])('with %s is no message, whatever its CRC', (_, segment) => {
    expect(readHj212Message(bytes(segment))).toBeNull();
  });

  it.each([
    ['no time', 'x'],
    ['13 digits', '2016080108585'],
    ['a month that is none', '20161301085857'],
    ['a day that is none', '20160231085857'],
    ['an hour that is none', '20160801245857'],
    ['a year that is none', '00000801085857'],
  ])('with %s for DataTime has none', (_, text) => {
    expect(read(`CN=2011;CP=&&DataTime=${text};a1-Rtd=1&&`).dataTime).toBeNull();
  });

  it('of any bytes is a message or none, and never throws', () => {
    const words = fc.constantFrom(
      'CN=2011',
      ';',
      ',',
      'CP=&&',
      '&&',
      '=',
      '-',
      'a34004-Rtd=1',
      '__proto__-Rtd=1',
      'QN=',
      '\0',
      '中',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.array(words).map((some) => bytes(some.join(''))),
        ),
        (some) => {
          const message = readHj212Message(some);
          if (message !== null) expect(message.command).toMatch(/^\d{4}$/);
        },
      ),
    );
  });

  it('of more than 1024 fields is none, so that no value is read without its flag', () => {
    const many = (count: number): Buffer =>
      Buffer.from(`CN=2011;CP=&&${';'.repeat(count)}a34004-Rtd=25,a34004-Flag=D&&`);
    expect(readHj212Message(many(1021))?.items.get('a34004')?.get('Flag')).toBe('D');
    expect(readHj212Message(many(1022))).toBeNull();
    expect(readHj212Message(many(100_000))).toBeNull();
  });
});

describe('a moment of Beijing time', () => {
  it('is eight hours ahead of UTC on any machine, also on a leap day and with milliseconds', () => {
    expect(beijingTime('20240229000000')).toBe(Date.parse('2024-02-28T16:00:00Z'));
    expect(beijingTime('20160801085857223')).toBe(Date.parse('2016-08-01T00:58:57.223Z'));
  });
});

describe('the acknowledgement of data', () => {
  const data = 'QN=20191018104952418;ST=22;CN=2011;PW=123456;MN=ZX00001;Flag=5;CP=&&&&';

  it('carries QN, PW and MN of the data, and asks for no answer itself', () => {
    expect(hj212DataAcknowledgement(read(data))).toBe(
      'QN=20191018104952418;ST=91;CN=9014;PW=123456;MN=ZX00001;Flag=4;CP=&&&&',
    );
  });

  it.each([
    ['2005', 1, 0],
    ['2017', 7, 4],
    ['2025', 9, 8],
  ])('keeps to the edition of %s', (_, flag, answered) => {
    expect(hj212DataAcknowledgement(read(data.replace('Flag=5', `Flag=${flag}`)))).toContain(`;Flag=${answered};`);
  });

  it('cannot be given to what has no QN or no MN', () => {
    expect(hj212DataAcknowledgement(read(data.replace('QN=20191018104952418;', '')))).toBeNull();
    expect(hj212DataAcknowledgement(read(data.replace('MN=ZX00001;', '')))).toBeNull();
  });
});
