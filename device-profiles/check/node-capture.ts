import { readNodeRows } from '../node-message.ts';
import { decodeNodeRow } from '../node-values.ts';
import type { NodeProfile } from '../profile.ts';
import type { Capture, Values } from './captures.ts';
import { both, type Complain } from './rules/complain.ts';

/** Decodes the one row of a message of a node. */
export function decodeNodeCapture(profile: NodeProfile, capture: Capture, complain: Complain): Values {
  const { rows, packet, request, reply, frame, parameters } = capture;
  if (rows === undefined || packet !== undefined || request || reply || frame) {
    complain(
      [],
      both('a capture of a node is a message with one row', '节点的实录是含一行数据的消息'),
      both('give rows, and neither request, reply, frame nor packet', '写 rows，不写 request、reply、frame 和 packet'),
    );
    return undefined;
  }
  const message = readNodeRows(rows);
  const [row] = message?.rows ?? [];
  if (row === undefined || message?.rows.length !== 1 || message.unreadable.length > 0) {
    complain(
      ['rows'],
      both('is not a message with exactly one row', '不是恰含一行数据的消息'),
      both('copy the JSON again, with one row in "r"', '重新抄录 JSON，"r" 中只留一行'),
    );
    return undefined;
  }
  return decodeNodeRow(profile, row, { parameters, auxiliaries: new Map() });
}
