import type { FieldPath } from '../yaml-document.ts';

/** Tells one thing that is wrong: where, what, and what to write instead. */
export type Complain = (path: FieldPath, fault: string, remedy: string) => void;
