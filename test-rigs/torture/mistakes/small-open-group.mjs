// No mistake: the open group is so small that a story sees it full within seconds.
import { replaced } from './replaced.mjs';

replaced('/store/store-options.ts', [
  ['{ entries: 20_000, readings: 50_000, records: 40_000 }', '{ entries: 40, readings: 20, records: 6 }'],
]);
