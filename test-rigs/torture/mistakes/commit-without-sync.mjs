// Commits as before, and lets the operating system write them when it likes.
import { replaced } from './replaced.mjs';

replaced('/store/sqlite/database.ts', [
  ['PRAGMA synchronous = FULL;\n', 'PRAGMA synchronous = OFF;\n'],
  ['database.exec(`PRAGMA synchronous = FULL;', 'database.exec(`PRAGMA synchronous = OFF;'],
]);
