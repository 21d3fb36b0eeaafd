import { readStamp } from '../clock.ts';
import type { ExportPart } from '../contract/export/manifest.ts';
import { type ExportFault, openExport, partFault, readPart } from '../contract/export/read-export.ts';
import { isFault } from '../contract/fields.ts';
import { keyLinkHolds } from '../record/key-chain.ts';
import { type ChainReport, type FindingKind, Findings, type ProofReport } from './finding.ts';
import type { Progress } from './verify-store.ts';

/** Reasons why an entry is not in an export that are no loss. */
const leftOut = 'left out';

type Growing = { -readonly [K in keyof ChainReport]: ChainReport[K] } & {
  absent: [number, number, string][];
  /** Hash after `last`, as the last part says. */
  after: string;
};

/**
 * Recomputes every hash of an export and checks its signature, every file and every line. Changes nothing. `trusted`: the
 * public key (base64) that is known to be the gateway's, or was; without it the export's own word is taken for its key.
 */
export async function verifyExport(
  directory: string,
  trusted?: string,
  progress: Progress = () => {},
): Promise<ProofReport | { readonly fault: 'absent'; readonly message: string }> {
  const open = await openExport(directory, trusted);
  if (isFault(open)) return { fault: 'absent', message: open.fault };
  const check = new ExportCheck();
  const { manifest } = open;
  if (open.fault !== null) check.fault(open.fault);
  let done = 0;
  for (const part of manifest.parts) {
    progress(done, manifest.entries);
    if (manifest.content === 'jsonl') await check.lines(directory, part);
    else await check.table(directory, part);
    done += part.entries;
  }
  for (const link of manifest.keys.slice(1)) {
    if (keyLinkHolds(manifest.gateway, link)) continue;
    check.findings.add('key', {}, `the key ${link.publicKey} is not signed by the key before it`);
  }
  const { list, more } = check.findings;
  const keys = manifest.keys.map(({ publicKey }) => ({ publicKey, at: '' }));
  const { from, to } = manifest.choice;
  const { made, gateway, entries } = manifest;
  const remarks = [
    {
      en: `made ${made} by the gateway ${gateway}: ${entries} entries from ${from ?? 'the oldest'} to ${to ?? 'the newest'}`,
      zh: `由采集网关 ${gateway} 于 ${made} 生成：${entries} 条，自 ${from ?? '最早'} 至 ${to ?? '最新'}`,
    },
  ];
  if (manifest.content === 'csv')
    remarks.push({
      en: 'tables carry no hashes: each file is the one that was signed for, or not',
      zh: '表格不含哈希值：只能判断每个文件是否与签名时一致',
    });
  if (trusted === undefined)
    remarks.push({
      en: 'nothing here shows whose the last key is: compare its fingerprint with the gateway or the platform',
      zh: '仅凭此处无法确认最后一个密钥属于谁：请与采集网关或平台核对其指纹',
    });
  return { chains: check.chains, findings: list, more, keys, remarks };
}

class ExportCheck {
  readonly findings = new Findings();
  readonly #chains: Growing[] = [];
  /** Tables that were looked at, so that those of one part are one chain. */
  #lastTable: ExportPart | undefined;

  get chains(): readonly ChainReport[] {
    return this.#chains.map(({ after: _, ...chain }) => chain);
  }

  fault({ kind, file, line, part, detail }: ExportFault): void {
    const place = part === null ? {} : { stream: part.stream, epoch: part.epoch, first: part.first, last: part.last };
    const where = line === null ? file : `${file} line ${line}`;
    this.findings.add(kind satisfies FindingKind, place, `${where}: ${detail}`);
  }

  async lines(directory: string, part: ExportPart): Promise<void> {
    const chain = this.#goOn(part);
    for await (const read of readPart(directory, part)) {
      if ('detail' in read) {
        chain.holds = false;
        this.fault(read);
        continue;
      }
      chain.proven += read.entries.length;
      // A stretch tells when its newest entry was committed; when its first was, that entry itself comes nearest to.
      chain.from ??= timeOf(read.entries[0]?.text) ?? readStamp(read.committed) ?? null;
      chain.to = readStamp(read.committed) ?? chain.to;
      const left = read.left.map(([first, last]) => [first, last, leftOut] as const);
      for (const [first, last, reason] of [...read.absent, ...left]) addAbsent(chain.absent, first, last, reason);
    }
  }

  async table(directory: string, part: ExportPart): Promise<void> {
    const isSamePart = this.#lastTable?.first === part.first && this.#lastTable.epoch === part.epoch;
    const last = this.#chains.at(-1);
    const chain = isSamePart && last !== undefined ? last : this.#goOn(part);
    this.#lastTable = part;
    const fault = await partFault(directory, part);
    if (fault === null) return;
    chain.holds = false;
    this.fault(fault);
  }

  /** The chain that a part goes on, or the one that it begins. */
  #goOn(part: ExportPart): Growing {
    const { stream, epoch, gateway, first, last, before, after } = part;
    const known = this.#chains.at(-1);
    if (known?.stream !== stream || known.epoch !== epoch) {
      const times = { from: null, to: null };
      const chain = { stream, epoch, gateway, first, last, ...times, proven: 0, absent: [], holds: true, after };
      this.#chains.push(chain);
      return chain;
    }
    const place = { stream, epoch, first, last };
    if (first !== known.last + 1) {
      this.findings.add('missing', place, `${part.file} begins at ${first}; the part before it ends at ${known.last}`);
    } else if (before !== known.after) {
      this.findings.add('does-not-follow', place, `${part.file} does not go on from the part before it`);
    }
    if (first !== known.last + 1 || before !== known.after) known.holds = false;
    known.last = last;
    known.after = after;
    return known;
  }
}

/** Neighbours with one reason are one stretch. */
function addAbsent(absent: [number, number, string][], first: number, last: number, reason: string): void {
  const known = absent.at(-1);
  if (known?.[1] === first - 1 && known[2] === reason) known[1] = last;
  else absent.push([first, last, reason]);
}

/** When an entry happened, or its period began. */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const { at, from }: { at?: unknown; from?: unknown } = JSON.parse(text);
  const stamp = at ?? from;
  return typeof stamp === 'string' ? readStamp(stamp) : undefined;
}
