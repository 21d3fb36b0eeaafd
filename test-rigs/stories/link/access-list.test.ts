import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterAll, expect, test } from 'vitest';
import { type Leaf, leaves, topicOf } from '../../../gateway/contract/topics.ts';
import { TestAuthority } from '../../surroundings/certificates.ts';
import { MosquittoBroker } from '../../surroundings/mosquitto-broker.ts';
import { gateway } from '../../surroundings/sample-records.ts';
import { until, wait } from '../process-site.ts';
import { LinkSite, linkClientId } from './link-site.ts';

const documents = join(import.meta.dirname, '..', '..', '..', 'docs', 'broker');
const directory = mkdtempSync(join(tmpdir(), 'fenceline-access-'));
const authority = new TestAuthority();
const server = authority.issue({ name: 'broker', alternatives: ['DNS:localhost'] });
const passwords = { platform: 'p-1', 'zl-0001': 'g-1', 'zl-0002': 'g-2' } as const;
const other = { area: gateway.area, gateway: 'zl-0002' };
afterAll(() => {
  authority.remove();
  rmSync(directory, { recursive: true });
});

/** The documented configuration, with this test's files in the place of the machine's. */
function documentedLines(): string[] {
  const users = join(directory, 'users');
  for (const [index, [name, password]] of Object.entries(passwords).entries()) {
    execFileSync('mosquitto_passwd', ['-b', ...(index === 0 ? ['-c'] : []), users, name, password]);
  }
  const places: Record<string, string> = {
    '/etc/mosquitto/certs/ca.pem': authority.certificate,
    '/etc/mosquitto/certs/broker.pem': server.certificate,
    '/etc/mosquitto/certs/broker.key': server.key,
    '/etc/mosquitto/fenceline.users': users,
    '/etc/mosquitto/fenceline.acl': join(documents, 'mosquitto.acl'),
    '/var/lib/mosquitto/': `${directory}/`,
  };
  const lines = readFileSync(join(documents, 'mosquitto.conf'), 'utf8').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('listener '))
    .map((line) => line.replace(/\/\S+$/, (place) => places[place] ?? place))
    .concat('user root');
}

/** Another gateway's user, who comes with this gateway's client id to be in its place. */
async function stranger(url: string) {
  const ca = readFileSync(authority.certificate, 'utf8');
  const login = { username: 'zl-0002', password: passwords['zl-0002'], clientId: linkClientId };
  const client = await mqtt.connectAsync(url, { protocolVersion: 5, ca, ...login });
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.endAsync(true) });
}

test('with the documented access list a gateway works, and the user of another one reaches nothing of it', async () => {
  const broker = await MosquittoBroker.start(documentedLines());
  await using _ = { [Symbol.asyncDispose]: () => broker.stop() };
  const url = `mqtts://localhost:${broker.port}`;
  copyFileSync(authority.certificate, join(directory, 'ca.pem'));
  writeFileSync(join(directory, 'password'), passwords['zl-0001']);
  chmodSync(join(directory, 'password'), 0o600);
  await using site = await LinkSite.start({
    ...{ url, secrets: directory },
    platformLogin: {
      username: 'platform',
      password: passwords.platform,
      ca: readFileSync(authority.certificate, 'utf8'),
    },
    settings: { username: 'zl-0001', passwordFile: 'password', tls: { ca: 'ca.pem' } },
  });
  await site.arrive(20);

  await using intruder = await stranger(url);
  const heard: string[] = [];
  intruder.on('message', (topic) => heard.push(topic));
  await intruder.subscribeAsync([
    '#',
    'fenceline/v1/+/+/command',
    topicOf(gateway, 'command'),
    topicOf(other, 'command'),
  ]);
  const refused: Leaf[] = [];
  for (const leaf of leaves) {
    const say = intruder.publishAsync(topicOf(gateway, leaf), '{"v":1}', { qos: 1, retain: true });
    await say.catch(() => refused.push(leaf));
  }
  expect(refused).toEqual([...leaves]);
  // A receipt for all that will ever be, which would let the gateway let go of everything.
  const epoch = site.platform.table.rows()[0]?.epoch ?? '';
  const receipt = JSON.stringify({ v: 1, stream: 'records', epoch, have: [[1, 1_000_000]], refused: [] });
  await intruder.publishAsync(topicOf(gateway, 'receipt'), receipt, { qos: 1 }).catch(() => {});

  // What is its own it may say and hear, so what was refused above is the list's doing; its receipts are not its own.
  const status = JSON.stringify({ v: 1, online: false, session: 'b1946ac9-2493-4c2e-8c5f-8d5b1f0c1a55' });
  await intruder.publishAsync(topicOf(other, 'status'), status, { qos: 1 });
  await expect(intruder.publishAsync(topicOf(other, 'receipt'), '{"v":1}', { qos: 1 })).rejects.toThrow();
  site.line.publish(topicOf(gateway, 'command'), Buffer.from('for zl-0001'));
  site.line.publish(topicOf(other, 'command'), Buffer.from('for zl-0002'));
  await until('its own command', () => heard.length > 0);
  await wait(300);
  expect(new Set(heard)).toEqual(new Set([topicOf(other, 'command')]));
  await site.arrive(20);
  await site.endsWhole();
  expect(site.states.filter((state) => state.startsWith('waiting'))).toEqual([]);
});

/** What a list allows: `publish platform fenceline/…`, the user's own name written as $user. */
function allowedByMosquitto(text: string): string[] {
  let user = '$user';
  return text.split('\n').flatMap((line) => {
    const [word, what, topic] = line.split(' ');
    if (word === 'user') user = what ?? '';
    if (word !== 'topic' && word !== 'pattern') return [];
    const who = word === 'pattern' ? '$user' : user;
    return [`${what === 'write' ? 'publish' : 'subscribe'} ${who} ${topic?.replace('%u', '$$user')}`];
  });
}

function allowedByEmqx(text: string): string[] {
  return [...text.matchAll(/^\{allow, (all|\{user, "(\w+)"\}), (publish|subscribe), \[(.*)\]\}\.$/gm)].flatMap(
    ([, , user = '$user', action, topics = '']) =>
      [...topics.matchAll(/"([^"]+)"/g)].map(
        ([, topic]) => `${action} ${user} ${topic?.replace(/\$\{username\}/, '$$user')}`,
      ),
  );
}

test('the access lists for mosquitto and EMQX allow the same, and EMQX nothing else', () => {
  const emqx = readFileSync(join(documents, 'emqx-acl.conf'), 'utf8');
  const allowed = allowedByMosquitto(readFileSync(join(documents, 'mosquitto.acl'), 'utf8'));
  expect(allowedByEmqx(emqx).sort()).toEqual(allowed.sort());
  expect(allowed).toHaveLength(2 * leaves.length);
  expect(emqx.trimEnd().split('\n').at(-1)).toBe('{deny, all}.');
});
