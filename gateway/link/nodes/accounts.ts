/** Who may log in as which node. Asked for every log-in; answers at once and from memory. */
export interface NodeAccounts {
  /** Whether this chip is that node: `chip` as its client id says, `password` as it was sent. */
  check(
    node: string,
    chip: string,
    password: Uint8Array | undefined,
  ): 'right' | 'unknown-node' | 'wrong-password' | 'wrong-chip';
}
