import {
  type NewNodeMessageKind,
  type NodeMessageKind,
  newNodeMessageKinds,
  nodeMessageKinds,
  type ToNodeKind,
} from './node-link.ts';

/** The first two levels of every topic between a node and its gateway. */
export const nodeTopics = 'fenceline-node/v1';

/** A node id as a technician chooses it; `new` stands in the topics of those that have none. */
export function isNodeId(text: string): boolean {
  return /^[a-z0-9-]{1,24}$/.test(text) && text !== 'new';
}

/** A chip id as the firmware gives it: lower-case hexadecimal. */
export function isChipId(text: string): boolean {
  return /^[0-9a-f]{4,16}$/.test(text);
}

export type SaidBy =
  | { readonly node: string; readonly kind: NodeMessageKind }
  | { readonly chip: string; readonly kind: NewNodeMessageKind };

/** Who says what on a topic; null for one on which no node says anything. */
export function saidOn(topic: string): SaidBy | null {
  const [first, version, name = '', ...rest] = topic.split('/');
  if (`${first}/${version}` !== nodeTopics) return null;
  if (name === 'new') {
    const [chip = '', kind, ...more] = rest;
    const known = newNodeMessageKinds.find((one) => one === kind);
    return known === undefined || more.length > 0 || !isChipId(chip) ? null : { chip, kind: known };
  }
  const [kind, ...more] = rest;
  const known = nodeMessageKinds.find((one) => one === kind);
  return known === undefined || more.length > 0 || !isNodeId(name) ? null : { node: name, kind: known };
}

export const topicTo = (node: string, kind: ToNodeKind | NodeMessageKind | ''): string =>
  `${nodeTopics}/${node}/${kind}`;
export const topicOfNew = (chip: string, kind: NewNodeMessageKind | 'adopt'): string =>
  `${nodeTopics}/new/${chip}/${kind}`;

/** The time is repeated every few minutes and stale when it comes late; all else is sent until the node has it. */
export const qosOf = (kind: ToNodeKind): 0 | 1 => (kind === 'time' ? 0 : 1);
