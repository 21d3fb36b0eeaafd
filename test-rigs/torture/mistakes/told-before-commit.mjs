// Says that a group is committed, and commits it a moment later.
import { replaced } from './replaced.mjs';

replaced('/store/sqlite/database.ts', [
  [
    "database.exec('BEGIN IMMEDIATE');",
    "if (database.isTransaction) database.exec('COMMIT'); database.exec('BEGIN IMMEDIATE');",
  ],
  [
    "    database.exec('COMMIT');\n    return result;",
    "setTimeout(() => database.isTransaction && database.exec('COMMIT'), 20);\n    return result;",
  ],
]);
