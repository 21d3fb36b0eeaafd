import type { Kept } from '../core.ts';
import { readBoots } from '../keeping/boots.ts';
import { findBlocks } from '../keeping/finding.ts';

/** What is in flash from earlier boots; and this boot of this node is counted. */
export function recover(reason: string, node: string): Kept {
  const kept: Kept = {
    boot: 0,
    shift: 0,
    dropped: 0,
    reasons: '',
    zeros: '',
    why: '',
    written: 0,
    node,
    columns: '',
    ring: [],
    seq: 0,
    waiting: 0,
    sent: 0,
    zero: undefined,
    hadBoot: 0,
    hadSeq: 0,
    oldest: 0,
    newest: -1,
    added: 0,
    offset: 0,
    held: 0,
    torn: 0,
    isStuck: false,
  };
  readBoots(kept, reason, findBlocks(kept));
  return kept;
}
