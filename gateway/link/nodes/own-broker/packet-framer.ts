import { longestPayload } from '../node-link.ts';

/*
 * An MQTT 3.1.1 control packet (section 2.2):
 *
 *   0        1 .. 4                         then
 *   TTTTDQQR length, 7 bits a byte,         length bytes
 *            low first, bit 7: more follow
 *
 *   T type, D sent again, QQ quality of service, R retain; D, Q and R only in a PUBLISH, else fixed
 */

/** Longest CONNECT, and longest packet of one that is logged in, bytes: payload, topic and what stands around them. */
export const longestConnect = 512;
export const longestPacket = longestPayload + 128;

/** Types and lower four bits of what a node sends. QoS 2 has no part in it, and what only a broker sends even less. */
const fixedBits = new Map([
  [1, 0], // CONNECT
  [4, 0], // PUBACK
  [8, 2], // SUBSCRIBE
  [10, 2], // UNSUBSCRIBE
  [12, 0], // PINGREQ
  [14, 0], // DISCONNECT
]);
const publish = 3;

/** Why a packet goes no further. */
export type FramingFault = 'oversized' | 'malformed';

/**
 * Cuts what a node sends into whole packets, and looks at each head before anything else is kept: a packet that is too
 * long, of a kind that no node sends, or begun in a wrong place ends it. Holds at most one packet.
 */
export class PacketFramer {
  #held: Buffer = Buffer.alloc(0);
  #limit = longestConnect;
  #isFirst = true;

  /** True while a packet is begun and not whole. */
  get isBegun(): boolean {
    return this.#held.length > 0;
  }

  /** The sender is known: packets may be as long as a node's messages are. */
  trust(): void {
    this.#limit = longestPacket;
  }

  /** The packets that these bytes make whole, in order, up to a fault. */
  take(bytes: Buffer): { readonly packets: Buffer[]; readonly fault: FramingFault | null } {
    const packets: Buffer[] = [];
    let rest = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    for (;;) {
      const length = this.#lengthOf(rest);
      if (typeof length === 'string') {
        this.#held = Buffer.alloc(0);
        return { packets, fault: length };
      }
      if (length === null || rest.length < length) break;
      packets.push(rest.subarray(0, length));
      this.#isFirst = false;
      rest = rest.subarray(length);
    }
    // A copy: what came in one piece with it may be large.
    this.#held = Buffer.from(rest);
    return { packets, fault: null };
  }

  /** Of the whole packet at the beginning; null while that cannot be known. */
  #lengthOf(bytes: Buffer): number | null | FramingFault {
    const [head] = bytes;
    if (head === undefined) return null;
    const type = head >> 4;
    if (!this.#isAllowed(type, head & 0x0f)) return 'malformed';
    let length = 0;
    for (let place = 1; place <= 4; place += 1) {
      const byte = bytes[place];
      if (byte === undefined) return null;
      length += (byte & 0x7f) * 128 ** (place - 1);
      if (byte < 0x80) return 1 + place + length > this.#limit ? 'oversized' : 1 + place + length;
    }
    return 'malformed';
  }

  #isAllowed(type: number, bits: number): boolean {
    // The first packet is a CONNECT, and no other is (3.1).
    if (this.#isFirst !== (type === 1)) return false;
    if (type !== publish) return fixedBits.get(type) === bits;
    const [qos, retain] = [(bits >> 1) & 3, bits & 1];
    return qos < 2 && retain === 0;
  }
}
