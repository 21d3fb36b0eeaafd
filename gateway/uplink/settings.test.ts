import { expect, test } from 'vitest';
import { uplinkSettings } from './settings.ts';

const least = { id: 'district', kind: 'mqtt', url: 'mqtts://platform.example:8883' };

test('an uplink needs only an id, a kind and an address', () => {
  expect(uplinkSettings.parse(least)).toEqual({
    ...least,
    protocol: '5',
    acknowledge: 'platform',
    commands: 'signed',
    statusEvery: 600,
    reconnectWithin: 30,
    window: 20,
    backlogShare: 1,
    spreadBacklog: 300,
    sampleStream: true,
    answerWithin: 20,
    keepAlive: 75,
  });
});

test('a cadence is written with its unit and used in seconds', () => {
  expect(uplinkSettings.parse({ ...least, statusEvery: '2min' }).statusEvery).toBe(120);
});

test.each([
  ['an address that is not MQTT', { url: 'https://platform.example' }],
  ['a login inside the address', { url: 'mqtt://me:secret@platform.example' }],
  ['a password file outside the secrets', { passwordFile: '../site.json' }],
  ['a cadence without a unit', { statusEvery: '30' }],
  ['a window of nothing', { window: 0 }],
  ['a platform key that is no key', { platformKeys: ['abc'] }],
  ['a platform key of another length', { platformKeys: ['A'.repeat(44)] }],
  ['an hour that no day has', { sendWithin: ['22:00-24:30'] }],
  ['hours that end when they begin', { sendWithin: ['06:00-06:00'] }],
  ['a month of nothing', { megabytesPerMonth: 0 }],
  ['a backlog without a share', { backlogShare: 0 }],
  ['a certificate without its key', { tls: { certificate: 'gateway.pem' } }],
  ['a key without its certificate', { tls: { key: 'gateway.key' } }],
  ['TLS files for an address without TLS', { url: 'mqtt://platform.example', tls: { ca: 'ca.pem' } }],
  ['a certificate outside the secrets', { tls: { ca: '/etc/ssl/ca.pem' } }],
  ['a password without a user', { passwordFile: 'password' }],
  ['a field nobody knows', { qos: 0 }],
])('%s is refused', (_, change) => {
  expect(uplinkSettings.safeParse(least).success).toBe(true);
  expect(uplinkSettings.safeParse({ ...least, ...change }).success).toBe(false);
});
