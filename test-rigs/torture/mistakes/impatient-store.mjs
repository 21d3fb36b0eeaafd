// No mistake: the store calls a commit long so soon that a story sees it.
import { replaced } from './replaced.mjs';

replaced('/store/sqlite-store.ts', [['const longCommit = 10_000;', 'const longCommit = 500;']]);
