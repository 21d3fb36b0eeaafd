import type { Profile } from '../../profile.ts';
import { pointsOf } from '../../profile.ts';
import { everythingUnder } from '../../value/leaning.ts';

/** Auxiliaries that nothing in any of these profiles (one and its variants) leans on: they would never be read. */
export function unusedAuxiliaries(profiles: readonly Profile[]): { readonly id: string; readonly index: number }[] {
  const [first] = profiles;
  if (first === undefined || !('auxiliaries' in first)) return [];
  const used = new Set(
    profiles.flatMap((profile) => [
      ...everythingUnder(profile, pointsOf(profile)),
      ...(profile.protocol === 'modbus' ? (profile.identity ?? []) : []),
    ]),
  );
  return first.auxiliaries.flatMap(({ id }, index) => (used.has(id) ? [] : [{ id, index }]));
}
