// Loaded before the gateway, this makes its store roll back where it ought to commit: everything looks well until a kill.
import { registerHooks } from 'node:module';

const commit = 'return transact(this.database, work)';
const leftOut = `
function leavingOutTheCommit(database, work) {
  database.exec('BEGIN');
  const result = work();
  database.exec('ROLLBACK');
  return result;
}
`;

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith('/store/sqlite/ledger.ts')) return loaded;
    const source = String(loaded.source);
    if (source.split(commit).length !== 2) throw new Error('the commit to leave out was not found');
    return { ...loaded, source: source.replace(commit, commit.replace('transact', 'leavingOutTheCommit')) + leftOut };
  },
});
