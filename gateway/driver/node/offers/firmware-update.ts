import type { HelloSeen, OfferedFirmware, UpdateOffer } from './offer-state.ts';

/** Bytes of a file in one chunk; a node holds no more. */
const chunkSize = 512;
/** So many times its size a node may fetch an update before it is given up. */
const patience = 8;

type OfferedFile = OfferedFirmware['files'][number];

/** The files that a node of that chip takes over the air: init.lua is what brings it back, and comes by cable only. */
export function filesFor({ files }: OfferedFirmware, chip: string): readonly OfferedFile[] {
  const other = chip === 'esp8266' ? 'esp32.lua' : 'esp8266.lua';
  return files.filter(({ name }) => name !== 'init.lua' && name !== other);
}

/** The message that offers it. */
export function offerText({ version }: OfferedFirmware, files: readonly OfferedFile[]): string {
  return JSON.stringify({ version, files: files.map(({ name, size, sum }) => [name, size, sum]) });
}

/** What the node asked for: `["0.2.0","node.lua",1024]`; undefined for anything else. */
export function wantOf(payload: Uint8Array): { version: string; name: string; offset: number } | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(Buffer.from(payload).toString('latin1'));
  } catch {
    return undefined;
  }
  if (!Array.isArray(raw) || raw.length !== 3) return undefined;
  const [version, name, offset] = raw;
  if (typeof version !== 'string' || typeof name !== 'string' || !Number.isSafeInteger(offset) || offset < 0) {
    return undefined;
  }
  return { version, name, offset };
}

/** One update of one node, while it is fetched: which pieces went out, and whether that still leads anywhere. */
export class Fetching {
  readonly files: readonly OfferedFile[];
  readonly size: number;
  #sent = 0;
  #furthest = 0;

  constructor(files: readonly OfferedFile[]) {
    this.files = files;
    this.size = files.reduce((sum, { size }) => sum + size, 0);
  }

  /** Bytes of the update that the node has, as far as its questions show. */
  get done(): number {
    return this.#furthest;
  }

  get isHopeless(): boolean {
    return this.#sent > patience * this.size + 8 * chunkSize;
  }

  /** The chunk for that place; undefined where there is none. */
  chunk(name: string, offset: number): Uint8Array | undefined {
    const index = this.files.findIndex((file) => file.name === name);
    const file = this.files[index];
    if (file === undefined || offset >= file.size) return undefined;
    const bytes = Buffer.from(file.content, 'base64').subarray(offset, offset + chunkSize);
    const before = this.files.slice(0, index).reduce((sum, { size }) => sum + size, 0);
    this.#sent += bytes.length;
    this.#furthest = Math.max(this.#furthest, before + offset + bytes.length);
    return Buffer.concat([Buffer.from(`${name}:${offset}:`, 'latin1'), bytes]);
  }
}

/** What a hello shows of an offer: the state that it has now. The same object when nothing changed. */
export function afterHello(offer: UpdateOffer, hello: HelloSeen): UpdateOffer {
  const { state, version, boot } = offer;
  if (hello.version === version) return state === 'runs' ? offer : { ...offer, state: 'runs', why: null };
  // It ran, and the node starts with another one since.
  if (state === 'runs') return { ...offer, state: 'rolled-back', why: null };
  // It restarted without it: it gave it up, or the power went before it could try. Offered again, it says which.
  if (state === 'delivered' && boot !== null && hello.boot > boot) return { ...offer, state: 'waiting', boot: null };
  return offer;
}

/** Longest that one node may hold up the others, milliseconds: to fetch, to restart three times, to come back. */
const longestTurn = 900_000;

/** Whether an offer may go out, `others` being those of the other nodes: one at a time, and none after one went back. */
export function turnOf(offer: UpdateOffer, others: readonly UpdateOffer[], now: number): 'now' | 'later' | 'held' {
  if (offer.named || offer.state !== 'waiting') return 'now';
  const same = others.filter(({ version }) => version === offer.version);
  if (same.some(({ state }) => state === 'rolled-back')) return 'held';
  const isAtIt = ({ state, at }: UpdateOffer): boolean =>
    (state === 'sending' || state === 'delivered') && now - at < longestTurn;
  return same.some(isAtIt) ? 'later' : 'now';
}
