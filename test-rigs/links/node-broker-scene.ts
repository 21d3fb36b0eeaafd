import { connect, type Socket } from 'node:net';
import { generate, type Packet } from 'mqtt-packet';
import { expect } from 'vitest';
import type { Clock } from '../../gateway/clock.ts';
import type { NodeAccounts } from '../../gateway/link/nodes/accounts.ts';
import type { NewNodeMessage, NodeLink, NodeLinkEvent, NodeMessage } from '../../gateway/link/nodes/node-link.ts';
import { SimulatedClock } from '../surroundings/simulated-clock.ts';
import { freePort } from './free-port.ts';
import { MqttNode } from './mqtt-node.ts';

/** The accounts of these tests: node, chip and password. */
const accounts = new Map([
  ['esp-1', { chip: 'aaaa01', password: 'one' }],
  ['esp-2', { chip: 'aaaa02', password: 'two' }],
]);

const check: NodeAccounts['check'] = (node, chip, password) => {
  const account = accounts.get(node);
  if (account === undefined) return 'unknown-node';
  if (Buffer.from(password ?? []).toString() !== account.password) return 'wrong-password';
  return chip === account.chip ? 'right' : 'wrong-chip';
};

/** Makes a broker of nodes on a port of loopback. */
type MakeLink = (options: {
  readonly id: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly clock: Clock;
  readonly accounts: NodeAccounts;
  readonly observe: (event: NodeLinkEvent) => void;
}) => NodeLink;

/** A broker of nodes with two accounts, on the simulated clock and real sockets, and whoever connects to it. */
export class NodeBrokerScene {
  readonly clock = new SimulatedClock();
  readonly events: NodeLinkEvent[] = [];
  readonly heard: NodeMessage[] = [];
  readonly heardNew: NewNodeMessage[] = [];
  readonly sockets: Socket[] = [];
  readonly link: NodeLink;
  readonly port: number;

  private constructor(port: number, make: MakeLink) {
    this.port = port;
    const observe = (event: NodeLinkEvent): void => void this.events.push(event);
    const listen = { host: '127.0.0.1', port };
    this.link = make({ id: 'nodes', listen, clock: this.clock, accounts: { check }, observe });
  }

  /** A started link on a free port. */
  static async open(make: MakeLink): Promise<NodeBrokerScene> {
    const scene = new NodeBrokerScene(await freePort(), make);
    scene.link.hearNew((message) => void scene.heardNew.push(message));
    scene.link.start((message) => void scene.heard.push(message));
    await expect.poll(() => scene.events.length).toBe(1);
    return scene;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Node `esp-1` or `esp-2`, or whoever is said, with the right password unless another is said. */
  node(user: string, other: { chip?: string; password?: string; more?: object } = {}): Promise<MqttNode> {
    const { chip = 'ffff', password = '' } = accounts.get(user) ?? {};
    return MqttNode.listening({ url: this.url, user, chip, password, ...other });
  }

  newNode(chip: string): Promise<MqttNode> {
    return MqttNode.listening({ url: this.url, user: 'new', chip });
  }

  /** A connection that says what it likes, from an address of the loopback. */
  raw(localAddress = '127.0.0.1'): Promise<Socket> {
    return new Promise((resolve) => {
      const socket = connect({ port: this.port, host: '127.0.0.1', localAddress }, () => resolve(socket));
      socket.on('error', () => undefined);
      this.sockets.push(socket);
    });
  }

  /** A raw connection that has logged in as a node. */
  async rawNode(user: string, more: object = {}): Promise<Socket> {
    const { chip = '', password = '' } = accounts.get(user) ?? {};
    const socket = await this.raw();
    const [connected] = [new Promise((resolve) => socket.once('data', resolve))];
    socket.write(connectPacket({ clientId: chip, username: user, password: Buffer.from(password), ...more }));
    await connected;
    return socket;
  }

  turnedAway(): string[] {
    return this.events.flatMap((event) => (event.kind === 'node-turned-away' ? [event.why] : []));
  }

  /** A node that says what it says while others misbehave, and every message of which has to come. */
  async steady(user: string) {
    const node = await this.node(user);
    let said = 0;
    return {
      node,
      say: async () => {
        await node.say('rows', String(said));
        said += 1;
      },
      check: async () => {
        const mine = (): string[] => this.heard.filter(({ node }) => node === user).map(({ payload }) => text(payload));
        await expect.poll(() => mine().length).toBe(said);
        expect(mine()).toEqual(Array.from({ length: said }, (_, number) => String(number)));
        expect(node.isConnected).toBe(true);
      },
    };
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await this.link.stop();
  }
}

export const text = (payload: Uint8Array): string => new TextDecoder().decode(payload);

/** A CONNECT of MQTT 3.1.1. */
export function connectPacket(more: object): Buffer {
  const packet = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 60, ...more };
  return generate(packet as Packet);
}

export function publishPacket(topic: string, payload: string | Buffer, more: object = {}): Buffer {
  const packet = { cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false, ...more };
  return generate(packet as Packet);
}

/** Resolves when the far end has gone. */
export const isCut = (socket: Socket): Promise<boolean> =>
  socket.destroyed
    ? Promise.resolve(true)
    : new Promise((resolve) => {
        socket.once('close', () => resolve(true));
        socket.resume();
      });
