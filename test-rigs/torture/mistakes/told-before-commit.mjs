// Says that a group is committed, and commits it a moment later.
import { replaced } from './replaced.mjs';

replaced('/store/sqlite/ledger.ts', [
  [
    'const hashes = this.#made(before, parts, () => {',
    `const hashes = parts.map(({ stream, texts }) => hashesOver(texts, before[stream].hash, before[stream].seq + 1));
     setTimeout(() => this.#made(before, parts, () => {`,
  ],
  ['covered);\n    });\n    const after', 'covered);\n    }), 20);\n    const after'],
]);
