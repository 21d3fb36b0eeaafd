/*
 * In three lines:
 *   const damaged = damage(frame, { kind: 'swapped', at: 5 });      // two neighbours change places
 *   fc.assert(fc.property(anyDamage, (one) => { … damage(frame, one) … }));
 *   fc.assert(fc.property(anyNonsense, (one) => { … nonsense(content, one) … }));
 */

import fc from 'fast-check';

/** What happens to the bytes of one answer. `at` counts from its first byte, and goes round. */
export type Damage =
  /** Bits flip within two bytes. */
  | { readonly kind: 'flipped'; readonly at: number; readonly bits: number }
  /** Only the beginning comes, or only the end. */
  | { readonly kind: 'cut' | 'tail'; readonly at: number }
  /** Two neighbours change places, a byte comes twice, or not at all. */
  | { readonly kind: 'swapped' | 'doubled' | 'lost'; readonly at: number }
  /** Bytes come in between, in place of others, before or behind. */
  | { readonly kind: 'inserted' | 'overwritten' | 'before' | 'behind'; readonly at: number; readonly bytes: Uint8Array }
  /** The beginning comes first, and then the whole; or the whole, many times over. */
  | { readonly kind: 'begun-again'; readonly at: number }
  | { readonly kind: 'repeated'; readonly at: number };

const at = fc.nat(9999);
const bytes = fc.uint8Array({ minLength: 1, maxLength: 12 });

export const anyDamage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('flipped' as const), at, bits: fc.integer({ min: 1, max: 0xffff }) }),
  fc.record({ kind: fc.constant('flipped' as const), at, bits: fc.nat(15).map((bit) => 1 << bit) }),
  fc.record({
    kind: fc.constantFrom('cut', 'tail', 'swapped', 'doubled', 'lost', 'begun-again', 'repeated'),
    at,
  }),
  fc.record({ kind: fc.constantFrom('inserted', 'overwritten', 'before', 'behind'), at, bytes }),
);

/** The bytes as they come after that happened to them. */
export function damage(whole: Uint8Array, one: Damage): Uint8Array {
  const place = one.at % Math.max(1, whole.length);
  const [head, tail] = [whole.subarray(0, place), whole.subarray(place)];
  switch (one.kind) {
    case 'flipped':
      return changed(whole, place, (byte, index) => byte ^ (one.bits >> (8 * index)));
    case 'cut':
      return head;
    case 'tail':
      return tail;
    case 'swapped':
      return Uint8Array.of(...head, ...[...tail.subarray(0, 2)].reverse(), ...tail.subarray(2));
    case 'doubled':
      return Uint8Array.of(...head, ...tail.subarray(0, 1), ...tail);
    case 'lost':
      return Uint8Array.of(...head, ...tail.subarray(1));
    case 'inserted':
      return Uint8Array.of(...head, ...one.bytes, ...tail);
    case 'overwritten':
      return changed(whole, place, (byte, index) => one.bytes[index] ?? byte);
    case 'before':
      return Uint8Array.of(...one.bytes, ...whole);
    case 'behind':
      return Uint8Array.of(...whole, ...one.bytes);
    case 'begun-again':
      return Uint8Array.of(...head, ...whole);
    case 'repeated':
      return Uint8Array.of(...new Array(2 + (one.at % 7)).fill([...whole]).flat());
  }
}

/** `index` counts from the place on. */
function changed(whole: Uint8Array, place: number, change: (byte: number, index: number) => number): Uint8Array {
  return whole.map((byte, index) => (index < place ? byte : change(byte, index - place) & 0xff));
}

/** What an instrument may say in earnest that means nothing: a right check sum is put around it. */
interface Nonsense {
  readonly damages: readonly Damage[];
  /** Put in place of everything behind so many bytes; null where only the damages happen. */
  readonly filling: { readonly from: number; readonly bytes: Uint8Array } | null;
}

/** Characters that text protocols are made of, so that their nonsense is read far into. */
const telling = fc.constantFrom(...Buffer.from('0123456789.-+=;,&NDFB eE\r\n"%'));
const fillings = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 64 }),
  fc.constantFrom(0, 0x80, 0x99, 0xff, 0x7f).map((byte) => Uint8Array.of(byte)),
  fc.array(telling, { minLength: 1, maxLength: 64 }).map((characters) => Uint8Array.from(characters)),
);

export const anyNonsense: fc.Arbitrary<Nonsense> = fc.record({
  damages: fc.array(anyDamage, { maxLength: 3 }),
  filling: fc.option(fc.record({ from: fc.nat(24), bytes: fillings })),
});

/** The content of a frame as that nonsense makes it. */
export function nonsense(content: Uint8Array, { damages, filling }: Nonsense): Uint8Array {
  const filled = filling
    ? content.map((byte, index) =>
        index < filling.from ? byte : (filling.bytes[(index - filling.from) % filling.bytes.length] ?? byte),
      )
    : content;
  return damages.reduce(damage, filled);
}
