import { expect, test } from 'vitest';
import {
  newSigningKey,
  publicKeyText,
  readPublicKey,
  readSigningKey,
  type SignedSpan,
  signSpan,
  spanSignatureHolds,
} from './signature.ts';

const span: SignedSpan = {
  v: 1,
  gateway: 'zl-0001',
  stream: 'records',
  epoch: '1-3f9a2c71',
  from: 3,
  to: 9,
  after: 'a7f9311c4af8a9d217907bbd965ae78e8254ec8f4b9c414124792b494b1e2504',
  absent: [],
};

/** RFC 8032 section 7.1, test 1: the secret key in PKCS #8, and its public key. */
const rfcKey = Buffer.concat([
  Buffer.from('302e020100300506032b657004220420', 'hex'),
  Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex'),
]).toString('base64');
const rfcPublic = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex');

test('the public key of the RFC 8032 example is its 32 raw bytes', () => {
  const key = readSigningKey(`-----BEGIN PRIVATE KEY-----\n${rfcKey}\n-----END PRIVATE KEY-----\n`);
  expect(publicKeyText(key)).toBe(rfcPublic.toString('base64'));
});

test('a signature holds for its span and its key, and a public key survives being written and read', () => {
  const key = readSigningKey(newSigningKey());
  const published = readPublicKey(publicKeyText(key));
  const signature = signSpan(span, key);
  expect(spanSignatureHolds(span, signature, published)).toBe(true);
  const other = readPublicKey(publicKeyText(readSigningKey(newSigningKey())));
  expect(spanSignatureHolds(span, signature, other)).toBe(false);
});

test('a signature does not hold when anything it covers is changed', () => {
  const key = readSigningKey(newSigningKey());
  const published = readPublicKey(publicKeyText(key));
  const signature = signSpan(span, key);
  const changes: Partial<SignedSpan>[] = [
    { v: 2 },
    { gateway: 'zl-0002' },
    { stream: 'samples' },
    { epoch: '2-3f9a2c71' },
    { from: 4 },
    { to: 10 },
    { after: span.after.replace('a', 'b') },
    { absent: [[3, 9, 'lost', span.after]] },
  ];
  for (const change of changes) expect(spanSignatureHolds({ ...span, ...change }, signature, published)).toBe(false);
});

test('a malformed signature does not hold and does not throw', () => {
  const published = readPublicKey(publicKeyText(readSigningKey(newSigningKey())));
  for (const text of ['', '!', 'AAAA', 'x'.repeat(200)]) expect(spanSignatureHolds(span, text, published)).toBe(false);
});
