/**
 * Reads an Intel HEX file into an image of the flash. Erased flash is 0xff.
 *
 *   :LLAAAATT[DD…]CC   length, address, type (00 data, 01 end), data, checksum: the sum of all bytes is 0 modulo 256
 *   (Intel, Hexadecimal Object File Format Specification, Rev. A, 1988)
 */
export function readIntelHex(text: string, size: number): Uint8Array {
  const image = new Uint8Array(size).fill(0xff);
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === '') continue;
    const bytes = Buffer.from(line.slice(1), 'hex');
    const [length = 0, high = 0, low = 0, type] = bytes;
    const isWhole = line.startsWith(':') && bytes.length === length + 5 && line.length === 1 + 2 * bytes.length;
    if (!isWhole) throw new Error(`line ${index + 1} is no record of an Intel HEX file`);
    if (bytes.reduce((sum, byte) => sum + byte, 0) % 256 !== 0) throw new Error(`line ${index + 1}: wrong checksum`);
    if (type === 1) return image;
    if (type !== 0) throw new Error(`line ${index + 1}: records of type ${type} are not known here`);
    const address = high * 256 + low;
    if (address + length > size) throw new Error(`line ${index + 1}: outside of the flash`);
    image.set(bytes.subarray(4, 4 + length), address);
  }
  throw new Error('the file has no end record');
}
