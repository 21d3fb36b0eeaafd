import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** Shortest password that is taken, in characters (NIST SP 800-63B-4, 3.1.1.2 asks for 8 beside a second hurdle). */
export const shortestPassword = 8;
/** Longest, so that a request cannot make us chew on megabytes. */
export const longestPassword = 200;

/** A password as it is kept: never the password itself. Parameters stand beside the hash so that they can grow later. */
export const passwordHash = z.strictObject({
  algorithm: z.literal('scrypt'),
  cost: z.int().min(1024).max(1_048_576),
  blockSize: z.int().min(1).max(32),
  parallel: z.int().min(1).max(16),
  salt: z.base64(),
  hash: z.base64(),
});
type PasswordHash = z.infer<typeof passwordHash>;

// RFC 7914: memory is 128 * cost * blockSize, 32 MiB here; about 50 ms on a desktop core and 100 to 150 ms on a Pi 4.
const present = { cost: 32_768, blockSize: 8, parallel: 1 };
const hashBytes = 32;

/** Hashes a new password with a salt of its own. */
export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, present);
  return { algorithm: 'scrypt', ...present, salt: salt.toString('base64'), hash: hash.toString('base64') };
}

/** Whether this is the password; takes the same time for a right and a wrong one. */
export async function isPassword(password: string, kept: PasswordHash): Promise<boolean> {
  const expected = Buffer.from(kept.hash, 'base64');
  const actual = await derive(password, Buffer.from(kept.salt, 'base64'), kept);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

// One at a time: two at once would take 64 MiB and two of the four threads that also serve the disk.
let turn: Promise<unknown> = Promise.resolve();

function derive(password: string, salt: Buffer, { cost, blockSize, parallel }: typeof present): Promise<Buffer> {
  const maxmem = 128 * cost * blockSize * 2;
  const result = turn.then(
    () =>
      new Promise<Buffer>((resolve, reject) => {
        const options = { N: cost, r: blockSize, p: parallel, maxmem };
        // The same letters typed on two keyboards may differ in bytes; NFKC makes them one.
        scrypt(password.normalize('NFKC'), salt, hashBytes, options, (fault, key) =>
          fault ? reject(fault) : resolve(key),
        );
      }),
  );
  turn = result.catch(() => undefined);
  return result;
}
