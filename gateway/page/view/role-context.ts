import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { SessionAnswer } from '../../http/access/session-routes.ts';

export type Role = NonNullable<SessionAnswer['role']>;

export const RoleContext = createContext<Role>('viewer');

/** Whether the one who is logged in may set up and test, not only look. */
export const useMayTest = (): boolean => useContext(RoleContext) !== 'viewer';
