import { describe, expect, test } from 'vitest';
import { checkChanged, told } from './trial/sample-site.ts';

const checked = (nodes: Record<string, unknown>, more: Record<string, Record<string, unknown>> = {}) =>
  checkChanged((site) => {
    site.links.nodes = { kind: 'nodes', ...nodes };
    Object.assign(site.links, more);
  });
const faults = (...given: Parameters<typeof checked>): string[] => told(checked(...given).faults);
const warnings = (...given: Parameters<typeof checked>): string[] => told(checked(...given).warnings);

describe('a link to sensor nodes', () => {
  test.each([
    ['the own broker at an address of this machine', { listen: '10.42.0.1:1883' }],
    ['the own broker on loopback', { listen: '127.0.0.1:1883' }],
    ['the own broker with TLS', { listen: '10.42.0.1:8883', tls: { certificate: 'nodes.pem', key: 'nodes.key' } }],
    ['the broker of the site', { url: 'mqtt://127.0.0.1:1883', username: 'gateway', passwordFile: 'nodes-broker' }],
    ['the broker of the site over TLS', { url: 'mqtts://broker.site:8883', tls: { ca: 'site-ca.pem' } }],
  ])('is %s', (_, nodes) => {
    expect([...faults(nodes), ...warnings(nodes)]).toEqual([]);
  });

  test.each([
    [{}, /^links\.nodes\.listen: is missing; .*"10\.42\.0\.1:1883", or a "url" instead/],
    [{ listen: '10.42.0.1' }, /^links\.nodes\.listen: "10\.42\.0\.1" is not allowed; .*"10\.42\.0\.1:1883"/],
    [{ listen: '10.42.0.1:0' }, /^links\.nodes\.listen: "10\.42\.0\.1:0" is not allowed/],
    [{ listen: '10.42.0.1:1883', url: 'mqtt://h:1883' }, /^links\.nodes\.listen: "10\.42\.0\.1:1883" is not allowed/],
    [{ url: 'http://h' }, /^links\.nodes\.url: "http:\/\/h" is not allowed; the address of the site's own broker/],
    [{ url: 'mqtt://u:p@h:1883' }, /^links\.nodes\.url: .*user and password have fields of their own/],
    [
      { listen: '10.42.0.1:1883', username: 'gateway' },
      /^links\.nodes\.username: has a meaning only beside "url"; remove it, or write "url"/,
    ],
    [{ listen: '10.42.0.1:1883', tls: {} }, /^links\.nodes\.tls\.certificate: is missing/],
    [
      { url: 'mqtts://h:8883', tls: { certificate: 'a.pem' } },
      /^links\.nodes\.tls\.certificate: has a meaning only beside "listen"/,
    ],
    [{ url: 'mqtt://h:1883', tls: { ca: 'a.pem' } }, /^links\.nodes\.tls: .*is not allowed; with "listen"/],
    [{ url: 'mqtt://h:1883', passwordFile: 'p' }, /^links\.nodes\.username: is missing/],
    [
      { listen: '10.42.0.1:1883', tls: { certificate: '../a', key: 'b' } },
      /^links\.nodes\.tls\.certificate: "\.\.\/a" is/,
    ],
  ])('that says %o is a fault with what to write', (nodes, words) => {
    expect(faults(nodes)[0]).toMatch(words);
  });

  test('has its port for itself', () => {
    const loggers = { kind: 'tcp-server', host: '127.0.0.1', port: 1883 };
    expect(faults({ listen: '10.42.0.1:1883' }, { loggers })).toEqual([
      expect.stringMatching(/^links\.loggers\.port: port 1883 is already listened on by the link nodes/),
    ]);
    expect(faults({ listen: '10.42.0.1:1883' }, { more: { kind: 'nodes', listen: '192.168.1.5:1883' } })).toEqual([
      expect.stringMatching(/^links\.more\.listen: port 1883 is already listened on by the link nodes/),
    ]);
  });

  test('has its broker for itself, since a message would come twice', () => {
    const url = 'mqtt://127.0.0.1:1883';
    expect(faults({ url }, { more: { kind: 'nodes', url } })).toEqual([
      expect.stringMatching(/^links\.more\.url: mqtt:\/\/127\.0\.0\.1:1883 is already used by the link nodes; give/),
    ]);
  });

  test('at an address that this machine does not have is a warning that names those it has', () => {
    expect(warnings({ listen: '10.9.9.9:1883' })).toEqual([
      "links.nodes.listen: 10.9.9.9 is no address of this machine now; it has 10.42.0.1, 192.168.1.5; write this machine's address on the nodes' network, or bring that network up",
    ]);
  });

  test('on every network without TLS is a warning, with TLS it is none', () => {
    expect(warnings({ listen: '0.0.0.0:1883' })[0]).toMatch(/^links\.nodes\.listen: is open on every network/);
    expect(warnings({ listen: '0.0.0.0:8883', tls: { certificate: 'nodes.pem', key: 'nodes.key' } })).toEqual([]);
  });

  test('carries no instrument that is wired to a line', () => {
    const { faults } = checkChanged((site) => {
      site.links.nodes = { kind: 'nodes', listen: '10.42.0.1:1883' };
      site.instruments[0] = { ...site.instruments[0], link: 'nodes' };
    });
    expect(told(faults)).toEqual([
      'instruments[0].link: jxct/jxbs-3001-pm is wired to a line, and nodes is none; put it on a serial, tcp or tcp-server link',
    ]);
    expect(faults[0]?.fault.zh).toBe('jxct/jxbs-3001-pm 须接在线路上，而 nodes 不是线路');
  });

  test('at fault leaves the lines of the site running', () => {
    const { usable } = checked({ listen: 'nowhere' });
    expect(Object.keys(usable?.links ?? {})).toEqual(['rs485-1', 'rs485-2', 'cabinet']);
    expect(usable?.instruments).toHaveLength(3);
  });
});
