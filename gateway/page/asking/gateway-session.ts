import type { SessionAnswer } from '../../http/access/session-routes.ts';

/** How the door answered: with a session, or with why not. */
export type DoorAnswer =
  | { readonly kind: 'session'; readonly session: SessionAnswer }
  | { readonly kind: 'refused'; readonly status: number; readonly field: string; readonly wait: number }
  | { readonly kind: 'unreachable' };

/** The header that tells the gateway that its own page is asking. */
const headers = { 'content-type': 'application/json', 'x-fenceline': 'page' };

async function ask(path: string, method: 'GET' | 'POST' | 'DELETE', body?: object): Promise<DoorAnswer> {
  try {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(path, { method, headers, ...sent });
    const told = await answer.json();
    if (answer.ok) return { kind: 'session', session: told };
    return { kind: 'refused', status: answer.status, field: told.faults?.[0]?.field ?? '', wait: told.wait ?? 0 };
  } catch {
    return { kind: 'unreachable' };
  }
}

export const askSession = (): Promise<DoorAnswer> => ask('/api/v1/session', 'GET');
export const logIn = (password: string): Promise<DoorAnswer> => ask('/api/v1/session', 'POST', { password });
export const logOut = (): Promise<DoorAnswer> => ask('/api/v1/session', 'DELETE');
export const setUp = (code: string, password: string): Promise<DoorAnswer> =>
  ask('/api/v1/set-up', 'POST', { code, password });
