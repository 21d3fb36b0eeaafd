import type { FirmataProfile } from '../../../device-profiles/profile.ts';
import type { Instrument } from '../instrument.ts';

/** An instrument that is a board with pins. */
export interface FirmataInstrument extends Instrument {
  readonly profile: FirmataProfile;
}

/** Volts at the board's 5V pin, as the profile or the site states them; undefined where neither does. */
export function supplyOf({ profile, settings }: FirmataInstrument): number | undefined {
  const { supply, parameters } = profile;
  return typeof supply === 'number' ? supply : (settings.parameters?.[supply] ?? parameters[supply]?.default);
}
