import { expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { lineOf, linkSettings } from './settings.ts';
import { TcpLink } from './tcp-link.ts';

/** A link of the site file whose device is not there: nobody listens on port 1. */
function linkTo(more: object): TcpLink {
  const settings = linkSettings.parse({ kind: 'tcp', host: '127.0.0.1', port: 1, framing: 'modbus-rtu', ...more });
  if (settings.kind !== 'tcp') throw new Error('not a TCP link');
  return new TcpLink({ id: 'cabinet', settings, clock: systemClock, observe: () => undefined });
}

test('the time of one character is that of the line behind the device server, where that is known', () => {
  expect(linkTo({ serial: '9600-8E1' }).characterTime).toBeCloseTo(11_000 / 9600);
  expect(linkTo({}).characterTime).toBe(0);
  expect(linkTo({ framing: 'modbus-tcp' }).characterTime).toBe(0);
});

test('a network has no line settings of its own', () => {
  expect(lineOf(linkSettings.parse({ kind: 'tcp', host: 'a', port: 1, framing: 'modbus-rtu' }))).toBeUndefined();
});

test('a device that refuses is told with its address and the remedy', async () => {
  expect(await linkTo({}).open()).toEqual({
    kind: 'refused',
    message: 'cabinet: 127.0.0.1:1 refuses the connection; check the port, and that the device is on',
  });
});

test('an address of the sixth version is told apart from its port', async () => {
  const fault = await linkTo({ host: '[::1]' }).open();
  expect(fault?.message).toMatch(/^cabinet: \[::1\]:1 /);
});
