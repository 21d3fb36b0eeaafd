import { connect, createServer, type Server, type Socket } from 'node:net';

/** One MQTT packet on its way through the proxy. */
interface MqttPacket {
  readonly from: 'client' | 'broker';
  /** Control packet type (MQTT 5.0 table 2-1). */
  readonly type: number;
  readonly bytes: Buffer;
  /** Of a PUBLISH; empty for every other packet. */
  readonly topic: string;
  /** Of a PUBLISH at QoS 1 and of a PUBACK; 0 for every other packet. */
  readonly id: number;
}

export const packetType = { publish: 3, puback: 4 } as const;

/** What becomes of a packet: it goes on, it is swallowed, or its sender gets these bytes in place of an answer. */
type Verdict = 'pass' | 'swallow' | Uint8Array;

/** A TCP proxy on 127.0.0.1 before a broker's port that sees whole MQTT packets and can keep some of them. */
export class MqttProxy {
  /** Asked about every packet, in both directions. */
  judge: (packet: MqttPacket) => Verdict = () => 'pass';
  /** Most publishes of one client that were without their PUBACK at once. */
  mostOpen = 0;
  readonly #to: number;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #server: Server | null = null;

  private constructor(to: number) {
    this.#to = to;
  }

  static async start(to: number): Promise<MqttProxy> {
    const proxy = new MqttProxy(to);
    const server = createServer((client) => proxy.#join(client));
    proxy.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    const address = this.#server?.address();
    return `mqtt://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  /** Reads nothing more of what brokers send, or goes on: a client behind it is slow, and the broker has to keep it all. */
  stall(isStalled: boolean): void {
    for (const [, broker] of this.#pairs) isStalled ? broker.pause() : broker.resume();
  }

  async stop(): Promise<void> {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  #join(client: Socket): void {
    const broker = connect(this.#to, '127.0.0.1');
    const pair = [client, broker] as const;
    this.#pairs.add(pair);
    const open = new Set<number>();
    for (const [from, to, name] of [
      [client, broker, 'client'],
      [broker, client, 'broker'],
    ] as const) {
      const cut = packetCutter((bytes) => this.#pass(packetOf(name, bytes), from, to, open));
      from.on('data', cut);
      from.on('error', () => from.destroy());
      from.on('close', () => {
        to.destroy();
        this.#pairs.delete(pair);
      });
    }
  }

  #pass(packet: MqttPacket, from: Socket, to: Socket, open: Set<number>): void {
    if (packet.from === 'client' && packet.type === packetType.publish) open.add(packet.id);
    this.mostOpen = Math.max(this.mostOpen, open.size);
    const verdict = this.judge(packet);
    const isAnswered = packet.from === 'broker' && packet.type === packetType.puback && verdict === 'pass';
    if (isAnswered || typeof verdict === 'object') open.delete(packet.id);
    if (verdict === 'pass') to.write(packet.bytes);
    else if (verdict !== 'swallow') from.write(verdict);
  }
}

/** Cuts a stream of bytes into packets: type, remaining length in up to four bytes of seven bits, the rest (2.1.4). */
function packetCutter(onPacket: (bytes: Buffer) => void): (more: Buffer) => void {
  let held: Buffer = Buffer.alloc(0);
  return (more) => {
    held = Buffer.concat([held, more]);
    for (let size = packetSize(held); size !== null && held.length >= size; size = packetSize(held)) {
      const packet = held.subarray(0, size);
      held = held.subarray(size);
      onPacket(packet);
    }
  };
}

function packetSize(bytes: Buffer): number | null {
  let length = 0;
  for (let at = 1; at <= 4; at++) {
    const byte = bytes[at];
    if (byte === undefined) return null;
    length += (byte & 0x7f) * 128 ** (at - 1);
    if (byte < 0x80) return at + 1 + length;
  }
  throw new RangeError('not MQTT: a remaining length of more than four bytes');
}

function packetOf(from: MqttPacket['from'], bytes: Buffer): MqttPacket {
  const type = (bytes[0] ?? 0) >> 4;
  let at = 2;
  while ((bytes[at - 1] ?? 0) >= 0x80) at++;
  if (type === packetType.puback) return { from, type, bytes, topic: '', id: bytes.readUInt16BE(at) };
  if (type !== packetType.publish) return { from, type, bytes, topic: '', id: 0 };
  const end = at + 2 + bytes.readUInt16BE(at);
  const isAcknowledged = ((bytes[0] ?? 0) & 0x06) !== 0;
  return {
    from,
    type,
    bytes,
    topic: bytes.toString('utf8', at + 2, end),
    id: isAcknowledged ? bytes.readUInt16BE(end) : 0,
  };
}
