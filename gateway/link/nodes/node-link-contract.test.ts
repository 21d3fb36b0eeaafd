import { freePort } from '../../../test-rigs/links/free-port.ts';
import { MemoryNodeLink } from '../../../test-rigs/links/memory-node-link.ts';
import { MqttNode } from '../../../test-rigs/links/mqtt-node.ts';
import { type FarNode, nodeLinkSuite } from '../../../test-rigs/links/node-link-suite.ts';
import { systemClock } from '../../clock.ts';
import type { NewNodeMessageKind, NodeLinkEvent, NodeMessageKind } from './node-link.ts';
import { AedesNodeLink } from './own-broker/aedes-node-link.ts';

nodeLinkSuite('a memory', async () => {
  const events: NodeLinkEvent[] = [];
  const link = new MemoryNodeLink({ id: 'nodes', clock: systemClock, observe: (event) => void events.push(event) });
  return {
    link,
    events,
    async node(id) {
      const heard: FarNode<NodeMessageKind>['heard'] = [];
      link.connect(id, (kind, payload) => void heard.push({ kind, payload }));
      return {
        heard,
        say: async (kind, payload) => link.say(id, kind, payload),
        leave: async () => link.disconnect(id),
      };
    },
    async newNode(chip) {
      const heard: FarNode<NewNodeMessageKind>['heard'] = [];
      link.connectNew(chip, (kind, payload) => void heard.push({ kind, payload }));
      return {
        heard,
        say: async (kind, payload) => link.sayNew(chip, kind, payload),
        leave: async () => undefined,
      };
    },
    remove: () => link.stop(),
  };
});

nodeLinkSuite("the gateway's own broker's", async () => {
  const port = await freePort();
  const events: NodeLinkEvent[] = [];
  const link = new AedesNodeLink({
    ...{ id: 'nodes', listen: { host: '127.0.0.1', port }, clock: systemClock },
    accounts: { check: (_node, _chip, password) => (password?.length ? 'right' : 'wrong-password') },
    observe: (event) => void events.push(event),
  });
  const url = `mqtt://127.0.0.1:${port}`;
  const far = <Kind extends string>(node: MqttNode): FarNode<Kind> => ({
    heard: node.heard,
    say: (kind, payload) => node.say(kind, payload),
    leave: () => node.leave(),
  });
  let chips = 0;
  return {
    link,
    events,
    node: async (user) => far(await MqttNode.listening({ url, user, chip: `7f3a${chips++}`, password: 'right' })),
    newNode: async (chip) => far(await MqttNode.listening({ url, user: 'new', chip })),
    remove: () => link.stop(),
  };
});
