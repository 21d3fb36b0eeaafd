import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { accountOf } from '../../gateway-process/account.ts';
import { freePort } from '../../links/free-port.ts';
import { Platform } from '../../platform/platform.ts';
import { type Made, TestAuthority } from '../../surroundings/certificates.ts';
import { MosquittoBroker } from '../../surroundings/mosquitto-broker.ts';
import { fast, ProcessSite, wait } from '../process-site.ts';
import { LinkSite } from './link-site.ts';

const authority = new TestAuthority();
const server = authority.issue({ name: 'broker', alternatives: ['DNS:localhost'] });
const places: string[] = [];
afterAll(() => {
  authority.remove();
  for (const place of places) rmSync(place, { recursive: true, force: true });
});

/** A broker that wants client certificates on one port, and takes the platform on another. */
async function securedBroker(lines: readonly string[] = []) {
  const port = await freePort();
  const broker = await MosquittoBroker.start([
    `listener ${port} 127.0.0.1`,
    ...[`cafile ${authority.certificate}`, `certfile ${server.certificate}`, `keyfile ${server.key}`],
    ...['require_certificate true', 'user root', ...lines],
  ]);
  const url = `mqtts://localhost:${port}`;
  return Object.assign(broker, { secureUrl: url, [Symbol.asyncDispose]: () => broker.stop() });
}

/** A certificate that holds for so many seconds more, and has held for so many. */
function life(left: number, passed = 1): Made & { readonly until: number } {
  const now = Date.now();
  const [from, until] = [now - passed * 1000, now + left * 1000];
  return { ...authority.issue({ name: 'zl-0001', from: new Date(from), until: new Date(until) }), until };
}

/** Puts the pair in the place of the one before, as a careful renewal does. */
function renew(secrets: string, { certificate, key }: Made): void {
  for (const [from, name] of [[certificate, 'gateway.pem'] as const, [key, 'gateway.key'] as const]) {
    const whole = join(secrets, `${name}.new`);
    copyFileSync(from, whole);
    chmodSync(whole, 0o600);
    renameSync(whole, join(secrets, name));
  }
}

function newSecrets(pair: Made, place?: string): string {
  const secrets = place ?? mkdtempSync(join(tmpdir(), 'fenceline-secrets-'));
  mkdirSync(secrets, { recursive: true, mode: 0o700 });
  places.push(secrets);
  copyFileSync(authority.certificate, join(secrets, 'ca.pem'));
  renew(secrets, pair);
  return secrets;
}

const tls = { ca: 'ca.pem', certificate: 'gateway.pem', key: 'gateway.key' };

describe.concurrent('certificates of a running gateway', () => {
  test('a renewed certificate is taken without a restart, before the old one ends', async () => {
    await using broker = await securedBroker();
    // Two thirds of its life have passed, so that a renewed one is due at once.
    const old = life(60, 120);
    const secrets = newSecrets(old);
    await using site = await LinkSite.start({
      ...{ url: broker.secureUrl, platformUrl: broker.url, secrets, settings: { tls } },
    });
    await site.arrive(10);
    renew(secrets, life(86_400));
    await site.sees(/^waiting: connecting anew with the renewed certificate/);
    expect(Date.now()).toBeLessThan(old.until);
    await site.sees(/^connected/, site.states.length - 1);
    await site.arrive(10);
    await site.endsWhole();
  });

  test('the real gateway sends with a certificate and a password out of its files, shows how long they hold, and logs no secret', async () => {
    const password = 'correct-horse-battery';
    const users = join(newSecrets(life(60)), 'users');
    execFileSync('mosquitto_passwd', ['-b', '-c', users, 'demo-0001', password]);
    await using broker = await securedBroker([`password_file ${users}`]);
    const platform = new Platform({ url: broker.url });
    await using _ = { [Symbol.asyncDispose]: () => platform.stop() };
    await platform.start();
    await using site = await ProcessSite.start(broker.secureUrl, (document) => {
      const login = { username: 'demo-0001', passwordFile: 'password', tls };
      return { ...fast(document), uplinks: [{ id: 'district', kind: 'mqtt', url: broker.secureUrl, ...login }] };
    });
    const secrets = newSecrets(life(10.5 * 86_400), join(site.directory, 'secrets'));
    writeFileSync(join(secrets, 'password'), password);
    chmodSync(join(secrets, 'password'), 0o644);
    const gateway = await site.run();
    await platform.holds(20);
    const [uplink] = (await site.picture(gateway)).uplinks;
    expect(uplink?.certificates).toMatchObject([{ whose: 'gateway' }, { whose: 'broker', names: ['DNS:localhost'] }]);
    expect(uplink?.credentials.map(({ fault }) => fault.en)).toEqual([
      'secrets/password has mode 0644: others may read it',
      expect.stringMatching(/^this gateway's certificate ends in 10 days/),
    ]);
    expect(await gateway.stop()).toBe(0);
    expect(accountOf(site.ledger, platform)).toMatchObject({ missing: 0, conflicts: 0, faults: 0 });
    expect(gateway.log.join('\n')).toMatch(/mode 0644.*uplink-credentials/);
    expect(gateway.log.join('\n')).not.toContain(password);
  });

  test('one that ends in the middle of a session is told, costs the next connection, and nothing is lost', async () => {
    await using broker = await securedBroker();
    // Long enough for a busy machine to connect with it.
    const ending = life(8);
    const secrets = newSecrets(ending);
    await using site = await LinkSite.start({
      ...{ url: broker.secureUrl, platformUrl: broker.url, secrets, settings: { tls } },
    });
    await site.arrive(10);
    await wait(ending.until - Date.now());
    // Neither side ends a session for it; the next one is refused.
    await site.arrive(10);
    const from = site.states.length;
    await broker.kill();
    await broker.restart();
    await site.sees(/^waiting: .*our certificate has ended: renew the files/, from);
    const said = site.events.flatMap((event) => (event.kind === 'uplink-credentials' ? event.findings : []));
    expect(said.map(({ fault }) => fault.en)).toContainEqual(
      expect.stringMatching(/^this gateway's certificate ended on/),
    );
    renew(secrets, life(86_400));
    await site.sees(/^connected/, from);
    await site.arrive(10);
    await site.endsWhole();
  });
});
