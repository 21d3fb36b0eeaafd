import type { MemoryNodeLink } from '../../../links/memory-node-link.ts';
import type { ScriptedBroker } from './scripted-broker.ts';

/**
 * Joins a broker in memory to the gateway's side of one, as it stands at the moment: nodes that connect there are nodes of
 * the link. While there is none the broker has to be away.
 */
export function joinToLink(broker: ScriptedBroker, linkNow: () => MemoryNodeLink | undefined): void {
  broker.onConnect = ({ clientId, user = '' }) => {
    const link = linkNow();
    if (user === 'new') {
      link?.connectNew(
        clientId,
        (kind, payload) => void broker.send(`fenceline-node/v1/new/${clientId}/${kind}`, latin1(payload)),
      );
    } else
      link?.connect(user, (kind, payload) => void broker.send(`fenceline-node/v1/${user}/${kind}`, latin1(payload)));
  };
  broker.onDisconnect = ({ user = '' }) => linkNow()?.disconnect(user);
  broker.onMessage = ({ topic, payload }) => {
    const [, , node = '', ...rest] = topic.split('/');
    const bytes = Buffer.from(payload, 'latin1');
    if (node === 'new') linkNow()?.sayNew(rest[0] ?? '', rest[1] as never, bytes);
    else linkNow()?.say(node, rest[0] as never, bytes);
  };
}

const latin1 = (payload: Uint8Array): string => Buffer.from(payload).toString('latin1');
