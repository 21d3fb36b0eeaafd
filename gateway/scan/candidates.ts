import type { Catalogue } from '../../device-profiles/catalogue.ts';
import type { VariantChoice } from '../../device-profiles/modbus/choose-variant.ts';
import { readsAtConnect, readsOf } from '../../device-profiles/modbus/reads.ts';
import { contains } from '../../device-profiles/plan/span.ts';
import { type ModbusRequest, planRequests } from '../../device-profiles/plan.ts';
import { type ModbusProfile, type ModbusRead, pointsOf } from '../../device-profiles/profile.ts';

/** A profile that an instrument is compared with. */
export interface Candidate {
  /** As the site file names it: `maker/model` or `maker/model@variant`. */
  readonly id: string;
  readonly profile: ModbusProfile;
  /** Variants that are told at the instrument: exactly one of their rules has to fit. None where there is nothing to tell. */
  readonly choices: readonly VariantChoice[];
  /** What every instrument of the profile has; refused, it is another instrument. */
  readonly required: readonly ModbusRequest[];
  /** What it may have. */
  readonly optional: readonly ModbusRequest[];
}

/** Every Modbus profile of the catalogue that can be read, one candidate for each variant that somebody has to choose. */
export function candidatesOf(catalogue: Catalogue): Candidate[] {
  const listed = catalogue.list().filter(({ protocol, faults }) => protocol === 'modbus' && faults.length === 0);
  return listed.flatMap(({ id }) => {
    const entry = catalogue.find(id);
    if (entry && entry.choices.length > 0) return candidate(id, entry.profile, entry.choices);
    const variants = catalogue.variants(id).flatMap((variant) => {
      const found = catalogue.find(`${id}@${variant}`);
      const probe = probeOf(entry?.profile, variant);
      if (found?.profile.protocol !== 'modbus') return [];
      const { profile } = found;
      return candidate(`${id}@${variant}`, profile, probe ? [{ id: variant, probe, profile }] : []);
    });
    return variants.length > 0 || entry === undefined ? variants : candidate(id, entry.profile, []);
  });
}

type AnyProfile = NonNullable<ReturnType<Catalogue['find']>>['profile'];

function probeOf(profile: AnyProfile | undefined, variant: string): VariantChoice['probe'] | undefined {
  if (profile?.protocol !== 'modbus') return undefined;
  return profile.variants?.find(({ id }) => id === variant)?.probe;
}

function candidate(id: string, profile: AnyProfile, choices: readonly VariantChoice[]): Candidate[] {
  if (profile.protocol !== 'modbus') return [];
  return [{ id, profile, choices, ...requestsOf(profile) }];
}

/** The requests of a profile: what every instrument of it has apart from what it may have. */
export function requestsOf(profile: ModbusProfile): Pick<Candidate, 'required' | 'optional'> {
  const points = pointsOf(profile);
  const always = points.filter(({ optional }) => !optional);
  const basis = always.length > 0 ? always : points;
  // Who it is may be asked, but a firmware that does not say it is no other instrument.
  const once = readsAtConnect(profile, basis).filter(({ id }) => !profile.identity?.includes(id));
  const required = plan(profile, [...once, ...readsOf(profile, basis)]);
  const optional = plan(profile, readsOf(profile, points)).filter(
    (request) => !required.some((one) => contains(one, request)),
  );
  return { required, optional };
}

/** One cadence for all: a search reads everything once. */
function plan(profile: ModbusProfile, reads: readonly ModbusRead[]): ModbusRequest[] {
  const each = new Map(reads.map((read) => [read.id, { ...read, cadence: 'fast' as const }]));
  return planRequests(profile, [...each.values()]);
}
