import type { Said } from '../said.ts';
import type { FieldPath } from '../yaml-document.ts';

export { both } from '../said.ts';

/** Tells one thing that is wrong: where, what, and what to write instead. */
export type Complain = (path: FieldPath, fault: Said, remedy: Said) => void;
