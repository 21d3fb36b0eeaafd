import type { MemoryNodeLink } from '../../../links/memory-node-link.ts';
import type { ScriptedBroker } from './scripted-broker.ts';

/** Joins a broker in memory to the gateway's side of one: nodes that connect there are nodes of the link. */
export function joinToLink(broker: ScriptedBroker, link: MemoryNodeLink): void {
  broker.onConnect = ({ clientId, user = '' }) => {
    if (user === 'new') {
      link.connectNew(
        clientId,
        (kind, payload) => void broker.send(`fenceline-node/v1/new/${clientId}/${kind}`, latin1(payload)),
      );
    } else
      link.connect(user, (kind, payload) => void broker.send(`fenceline-node/v1/${user}/${kind}`, latin1(payload)));
  };
  broker.onDisconnect = ({ user = '' }) => link.disconnect(user);
  broker.onMessage = ({ topic, payload }) => {
    const [, , node = '', ...rest] = topic.split('/');
    const bytes = Buffer.from(payload, 'latin1');
    if (node === 'new') link.sayNew(rest[0] ?? '', rest[1] as never, bytes);
    else link.say(node, rest[0] as never, bytes);
  };
}

const latin1 = (payload: Uint8Array): string => Buffer.from(payload).toString('latin1');
