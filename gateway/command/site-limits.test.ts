import { expect, test } from 'vitest';
import type { Site, SiteUplink } from '../site/site-schema.ts';
import { siteLimits } from './site-limits.ts';

const uplink = (id: string, more: object = {}): SiteUplink =>
  ({ id, kind: 'mqtt', url: 'mqtts://platform.example', passwordFile: `${id}-password`, ...more }) as SiteUplink;
const board = (commands: string[] | undefined, more: object = {}) =>
  ({ id: 'io', profile: 'acme/yard', link: 'usb', commands, ...more }) as unknown as Site['instruments'][number];
const before = {
  gateway: { id: 'zl-0001', area: '320404', timezone: 'Asia/Shanghai' },
  page: { listen: { host: '127.0.0.1', port: 8080 } },
  uplinks: [uplink('district'), uplink('county')],
  links: { usb: { kind: 'firmata', path: '/dev/one' } },
  instruments: [board(['lamp', 'mist-cannon'])],
} as unknown as Site;
const fieldsOf = (after: Partial<Site>): string[] =>
  siteLimits(before, { ...before, ...after }, 'district').map(({ field }) => field);

test('a platform may change how its own uplink works, and add one that needs no secret', () => {
  const own = uplink('district', { url: 'mqtts://other.example', window: 5, platformKeys: [] });
  const added = uplink('province', { passwordFile: undefined });
  expect(fieldsOf({ uplinks: [own, uplink('county'), added] })).toEqual([]);
});

test('a platform may have less switched, and read a board otherwise', () => {
  expect(fieldsOf({ instruments: [board(['lamp'], { every: 1000 })] })).toEqual([]);
  expect(fieldsOf({ instruments: [board(undefined)] })).toEqual([]);
  expect(fieldsOf({ instruments: [] })).toEqual([]);
});

test.each<[string, Partial<Site>, string]>([
  ['who the gateway is', { gateway: { ...before.gateway, id: 'zl-0002' } }, 'gateway.id'],
  ['its time zone', { gateway: { ...before.gateway, timezone: 'UTC' } }, 'gateway.timezone'],
  ['who reaches the page', { page: { listen: { host: '0.0.0.0', port: 8080 } } }, 'page'],
  [
    'the uplink of another platform',
    { uplinks: [uplink('district'), uplink('county', { url: 'x' })] },
    'uplinks.county',
  ],
  ['that there is another platform', { uplinks: [uplink('district')] }, 'uplinks.county'],
  ['that it can be reached itself', { uplinks: [uplink('county')] }, 'uplinks.district'],
  [
    'which secret it is given',
    { uplinks: [uplink('district', { passwordFile: 'county-password' }), uplink('county')] },
    'uplinks.district.passwordFile',
  ],
  [
    'which key it is shown',
    { uplinks: [uplink('district', { tls: { key: 'county.key' } }), uplink('county')] },
    'uplinks.district.tls',
  ],
  [
    'that a stranger is given a secret',
    { uplinks: [uplink('district'), uplink('county'), uplink('mine', { passwordFile: 'county-password' })] },
    'uplinks.mine',
  ],
  ['that more is switched', { instruments: [board(['lamp', 'mist-cannon', 'lamp-2'])] }, 'instruments.io.commands'],
  [
    'how what is switched is wired',
    { instruments: [board(['lamp'], { profile: 'acme/other' })] },
    'instruments.io.commands',
  ],
  ['on which link that hangs', { instruments: [board(['lamp'], { link: 'other' })] }, 'instruments.io.commands'],
  [
    'on which port that hangs',
    { links: { usb: { kind: 'firmata', path: '/dev/other' } } as Site['links'] },
    'instruments.io.commands',
  ],
  ['that a new board is switched', { instruments: [board(['lamp'], { id: 'io-2' })] }, 'instruments.io-2.commands'],
])('but not %s', (_, after, field) => {
  expect(fieldsOf(after)).toEqual([field]);
});
