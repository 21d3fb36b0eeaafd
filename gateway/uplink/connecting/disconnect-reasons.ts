/** What a broker means by ending a connection, and what to do about it (MQTT 5.0, 3.14.2.1); by reason code. */
const reasons: Readonly<Record<number, string>> = {
  130: 'it calls what we sent a protocol error',
  135: 'it says that we are not authorised; check its access list',
  137: 'it is busy',
  139: 'it is shutting down',
  141: 'it heard nothing from us for longer than the keep-alive',
  142: 'another client has connected with the same client id; does a second gateway run with this identity?',
  147: 'more was under way than its Receive Maximum',
  149: 'a packet was larger than it takes',
  150: 'we sent more messages in a time than it allows',
  151: 'we are over a quota of it',
  152: 'somebody ended the connection there by hand',
  156: 'it sends us to another server; check the address',
  157: 'it has moved; check the address',
  159: 'too many connections in a time',
  160: 'connections may not last longer there',
};

/** `code` is the DISCONNECT's reason. */
export function disconnectReason(code: number): string {
  const meaning = reasons[code];
  return `the broker ended the connection${meaning === undefined ? '' : `: ${meaning}`} (reason 0x${code.toString(16)})`;
}
