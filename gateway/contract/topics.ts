/**
 * Where things are said: `fenceline/v1/{area}/{gateway}/{leaf}`. Area and gateway are one topic level each, so they
 * hold no separator, no wildcard and nothing that an access list or a file name would stumble over.
 */

export const leaves = ['birth', 'status', 'data', 'receipt', 'command', 'reply'] as const;
export type Leaf = (typeof leaves)[number];

/** Who a topic belongs to. */
export interface Address {
  readonly area: string;
  readonly gateway: string;
}

/** Letters, digits, dots, underscores, hyphens; 1 to 40; beginning and ending with a letter or digit. */
export const identifierPattern = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,38}[A-Za-z0-9])?$/;

/** Builds a topic; throws on an identifier that is none, since that is our own mistake. */
export function topicOf({ area, gateway }: Address, leaf: Leaf): string {
  for (const id of [area, gateway]) {
    if (!identifierPattern.test(id)) throw new TypeError(`"${id}" cannot stand in a topic: ${identifierPattern}`);
  }
  return `fenceline/v1/${area}/${gateway}/${leaf}`;
}

/** What a platform subscribes to for one leaf of every gateway. */
export function everyGateway(leaf: Leaf): string {
  return `fenceline/v1/+/+/${leaf}`;
}

/** Takes a topic apart; undefined when it is none of this contract's. */
export function readTopic(topic: string): (Address & { readonly leaf: Leaf }) | undefined {
  const [name, version, area = '', gateway = '', leaf, ...rest] = topic.split('/');
  if (name !== 'fenceline' || version !== 'v1' || rest.length > 0) return undefined;
  if (!identifierPattern.test(area) || !identifierPattern.test(gateway)) return undefined;
  const known = leaves.find((one) => one === leaf);
  return known && { area, gateway, leaf: known };
}
