import { type Profile, pointsOf } from '../profile.ts';
import { checkDlt645 } from './dlt645-soundness.ts';
import type { Locate, ProfileFault } from './faults.ts';
import { checkHj212 } from './hj212-soundness.ts';
import { checkCommands } from './rules/commands.ts';
import { both, type Complain } from './rules/complain.ts';
import { checkComputed } from './rules/computed.ts';
import { checkEvents } from './rules/events.ts';
import { checkInputs } from './rules/firmata/inputs.ts';
import { checkRelays } from './rules/firmata/relays.ts';
import { checkWiring } from './rules/firmata/wiring.ts';
import { checkFramed } from './rules/framed.ts';
import { checkFrames } from './rules/frames.ts';
import { checkMeaning } from './rules/meaning.ts';
import { checkModbus } from './rules/modbus.ts';
import { checkNode } from './rules/node.ts';
import { checkSlots, checkVariants } from './rules/slots.ts';
import { checkStates } from './rules/states.ts';
import { checkTogether } from './rules/together.ts';
import { spoken } from './said.ts';

/**
 * Every fault of a profile that has the right shape: what the schema cannot say, the rules between fields and between
 * points. Each rule reports through `complain`, so that all faults are found in one go. `leftOut`: ids of parts that are
 * not in it because of other faults; what refers to them is no fault of its own.
 */
export function soundnessFaults(profile: Profile, locate: Locate, leftOut: ReadonlySet<string>): ProfileFault[] {
  const faults: ProfileFault[] = [];
  const complain: Complain = (path, fault, remedy) => faults.push({ ...locate(path), ...spoken(fault, remedy) });
  // What only others extend needs none, and where sources contradict each other all of them may stand in variants.
  const mayBeEmpty = profile.abstract === true || (profile.variants ?? []).length > 0;
  if (pointsOf(profile).length + leftOut.size === 0 && !mayBeEmpty)
    complain(['points'], both('is empty', '为空'), both('give at least 1 point, or slots', '至少写一个测点，或 slots'));
  checkTogether(profile, complain);
  checkMeaning(profile, leftOut, complain);
  checkComputed(profile, leftOut, complain);
  checkStates(profile, leftOut, complain);
  checkEvents(profile, leftOut, complain);
  checkVariants(profile, complain);
  checkProtocol(profile, complain);
  return faults;
}

/** The rules of one protocol. */
function checkProtocol(profile: Profile, complain: Complain): void {
  switch (profile.protocol) {
    case 'framed':
      checkFramed(profile, complain);
      break;
    case 'dlt645':
      checkDlt645(profile, complain);
      break;
    case 'hj212':
      checkHj212(profile, complain);
      break;
    case 'firmata':
      checkWiring(profile, complain);
      checkInputs(profile, complain);
      checkRelays(profile, complain);
      break;
    case 'node':
      checkNode(profile, complain);
      break;
    case 'modbus':
      checkModbus(profile, complain);
      checkFrames(profile, complain);
      checkSlots(profile, complain);
      checkCommands(profile, complain);
  }
}
