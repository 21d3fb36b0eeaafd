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

/** Names under `frames` that nothing read in any of these profiles belongs to: the request would never be asked so. */
export function unusedFrames(profiles: readonly Profile[]): string[] {
  const modbus = profiles.filter((profile) => profile.protocol === 'modbus');
  const used = new Set(
    modbus.flatMap(({ points, auxiliaries }) => [...points, ...auxiliaries].map(({ frame }) => frame)),
  );
  return Object.keys(modbus[0]?.frames ?? {}).filter((name) => !used.has(name));
}
