import { type ModbusProfile, type Profile, pointsOf } from '../profile.ts';
import type { VariantChoice } from '../value/choose-variant.ts';
import { cadenceOf } from '../value/leaning.ts';
import type { ProfileFault } from './faults.ts';
import { checkLayers, withVariant } from './profile-check.ts';
import type { Layer } from './profile-file.ts';

interface Choices {
  readonly choices: readonly VariantChoice[];
  readonly faults: ProfileFault[];
}

const none: Choices = { choices: [], faults: [] };

/**
 * The variants to choose from at the instrument, where nobody chose one (or `auto`). What the site expects must not hang on
 * the choice, so all of them have to give the same series. `profile`: what holds without any variant.
 */
export function variantChoices(layers: Layer[], profile: Profile | undefined, asked: string | undefined): Choices {
  if (profile?.protocol !== 'modbus' || (asked !== undefined && asked !== 'auto')) return none;
  const variants = profile.variants ?? [];
  const choices = variants.flatMap(({ id, probe }): VariantChoice[] => {
    const own = probe && checkLayers(withVariant(layers, id) ?? []).profile;
    return probe && own?.protocol === 'modbus' ? [{ id, probe, profile: own }] : [];
  });
  if (choices.length < variants.length || choices.length === 0) {
    return asked === 'auto'
      ? { choices: [], faults: [undecided(layers, 'its variants cannot be told by a probe')] }
      : none;
  }
  const [first, ...others] = choices.map((choice) => seriesOf(choice.profile));
  if (others.every((series) => series === first)) return { choices, faults: [] };
  return { choices: [], faults: [undecided(layers, 'its variants do not measure the same')] };
}

const seriesOf = (profile: ModbusProfile): string =>
  pointsOf(profile)
    .map((point) => `${point.factor} ${point.channel ?? ''} ${cadenceOf(profile, point)}`)
    .sort()
    .join();

function undecided(layers: readonly Layer[], fault: string): ProfileFault {
  const file = layers[0]?.file;
  const line = file?.document.lineOf(['variants']) ?? 1;
  return { file: file?.file ?? '', line, field: 'variants', fault, remedy: 'choose one: maker/model@variant' };
}
