// The store's directory is made, and nobody sees to it that its name reaches the medium.
import { replaced } from './replaced.mjs';

replaced('/store/sqlite/opening.ts', [
  ['for (const path of [dirname(file), dirname(dirname(file))]) {', 'for (const path of []) {'],
]);
