import type { VariantChoice } from '../modbus/choose-variant.ts';
import { type ModbusProfile, type Profile, pointsOf } from '../profile.ts';
import { cadenceOf } from '../value/leaning.ts';
import type { ProfileFault } from './faults.ts';
import { checkLayers, withVariant } from './profile-check.ts';
import type { Layer } from './profile-file.ts';
import { both, type Said, spoken } from './said.ts';

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
  if (profile === undefined || (asked !== undefined && asked !== 'auto')) return none;
  if (profile.protocol !== 'modbus') return isEmpty(profile) ? mustBeChosen(layers) : none;
  const variants = profile.variants ?? [];
  const choices = variants.flatMap(({ id, probe }): VariantChoice[] => {
    const own = probe && checkLayers(withVariant(layers, id) ?? []).profile;
    return probe && own?.protocol === 'modbus' ? [{ id, probe, profile: own }] : [];
  });
  if (choices.length < variants.length || choices.length === 0) {
    if (isEmpty(profile)) return mustBeChosen(layers);
    return asked === 'auto'
      ? {
          choices: [],
          faults: [undecided(layers, both('its variants cannot be told by a probe', '各变体不能由探测区分'))],
        }
      : none;
  }
  const [first, ...others] = choices.map((choice) => seriesOf(choice.profile));
  if (others.every((series) => series === first)) return { choices, faults: [] };
  return {
    choices: [],
    faults: [undecided(layers, both('its variants do not measure the same', '各变体的监测因子不同'))],
  };
}

/** True where every point stands in a variant, so that without one there is nothing to read. */
const isEmpty = (profile: Profile): boolean => !profile.abstract && pointsOf(profile).length === 0;

function mustBeChosen(layers: readonly Layer[]): Choices {
  const fault = both('its variants contradict each other, and none is chosen', '各变体互相矛盾，未写明用哪一个');
  return { choices: [], faults: [undecided(layers, fault)] };
}

const seriesOf = (profile: ModbusProfile): string =>
  pointsOf(profile)
    .map((point) => `${point.factor} ${point.channel ?? ''} ${cadenceOf(profile, point)}`)
    .sort()
    .join();

function undecided(layers: readonly Layer[], fault: Said): ProfileFault {
  const file = layers[0]?.file;
  const line = file?.document.lineOf(['variants']) ?? 1;
  const words = spoken(fault, both('choose one: maker/model@variant', '写明一个：厂家/型号@变体'));
  return { file: file?.file ?? '', line, field: 'variants', ...words };
}
