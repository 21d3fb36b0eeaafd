import { expect, test } from 'vitest';
import {
  configuration,
  minute,
  NodeScene,
  second,
} from '../../../../test-rigs/surroundings/lua-machine/keeping/node-scene.ts';

const kinds = ['esp8266', 'esp32'] as const;

const { node: _node, password: _password, ...unadopted } = configuration;
const files = { 'node.json': JSON.stringify(unadopted) };

async function asking(kind: (typeof kinds)[number]) {
  const scene = await NodeScene.create(kind, { files });
  const said: { topic: string; payload: string }[] = [];
  scene.broker.onMessage = ({ topic, payload }) => void said.push({ topic, payload });
  scene.start();
  const code = /adoption code (\d{6})$/.exec(scene.rig.console.at(-1) ?? '')?.[1] ?? '';
  const chip = scene.broker.connected[0] ?? '';
  const adopt = (document: object): void => {
    scene.broker.send(`fenceline-node/v1/new/${chip}/adopt`, JSON.stringify(document));
    scene.clock.advance(5 * second);
  };
  return { scene, said, code, chip, adopt };
}

test.each(kinds)('an %s without an account asks for one, and takes it from whoever knows its code', async (kind) => {
  const { scene, said, code, chip, adopt } = await asking(kind);
  const topic = `fenceline-node/v1/new/${chip}/`;
  scene.clock.advance(minute);
  const hello = { topic: `${topic}hello`, payload: JSON.stringify({ l: 1, chip: kind, version: '0.0.0' }) };
  expect(said).toEqual([hello, hello, hello]);
  said.length = 0;
  adopt({ code, node: 'esp-7f3a12', password: 'its-own' });
  expect(said).toEqual([{ topic: `${topic}adopted`, payload: '{"node":"esp-7f3a12"}' }]);
  const accounts: unknown[] = [];
  scene.broker.refuses = ({ clientId, user, password }) => {
    accounts.push([clientId, user, password]);
    return 0;
  };
  scene.broker.onMessage = ({ topic }) => {
    if (topic === 'fenceline-node/v1/esp-7f3a12/hello') scene.send('have', '[0,0]');
  };
  scene.clock.advance(minute);
  expect(accounts).toEqual([[chip, 'esp-7f3a12', 'its-own']]);
  expect(JSON.parse(scene.rig.flash.files.get('node.json') as string)).toEqual({
    ...unadopted,
    node: 'esp-7f3a12',
    password: 'its-own',
  });
  expect(scene.rig.panics).toEqual([]);
});

test('a wrong code is refused, and after five the node takes none until it restarts', async () => {
  const { scene, said, code, chip, adopt } = await asking('esp8266');
  said.length = 0;
  const wrong = code === '000000' ? '000001' : '000000';
  for (let times = 0; times < 5; times++) adopt({ code: wrong, node: 'esp-7f3a12', password: 'its-own' });
  adopt({ code, node: 'esp-7f3a12', password: 'its-own' });
  expect(said.filter(({ topic }) => topic.endsWith('refused'))).toEqual(
    Array(6).fill({ topic: `fenceline-node/v1/new/${chip}/refused`, payload: '{"what":"adopt","why":"code"}' }),
  );
  expect(scene.rig.flash.files.get('node.json')).toBe(files['node.json']);
  scene.rig.reset();
  scene.clock.advance(30 * second);
  const again = /(\d{6})$/.exec(scene.rig.console.at(-1) ?? '')?.[1] ?? '';
  adopt({ code: again, node: 'esp-7f3a12', password: 'its-own' });
  expect(said.at(-1)?.topic).toMatch(/adopted$/);
});

test('an account that is not sound is refused and changes nothing', async () => {
  const { scene, said, code, adopt } = await asking('esp8266');
  said.length = 0;
  adopt({ code, node: 'new', password: 'its-own' });
  adopt({ code, node: 'Esp 1', password: 'its-own' });
  adopt({ code, node: 'esp-1' });
  expect(said.filter(({ topic }) => topic.endsWith('refused')).map(({ payload }) => JSON.parse(payload).why)).toEqual([
    'field node',
    'field node',
    'field password',
  ]);
  expect([...scene.rig.flash.files.keys()].filter((name) => name.startsWith('node.'))).toEqual([
    'node.lua',
    'node.json',
  ]);
});
