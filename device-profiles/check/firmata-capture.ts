import { type FirmataSignals, milliamperesOf, readFirmata } from '../firmata.ts';
import { type FirmataPoint, type FirmataProfile, pointsOf } from '../profile.ts';
import type { Raw } from '../value/decoded.ts';
import { interpret } from '../value/interpret.ts';
import type { Capture, Values } from './captures.ts';
import { both, type Complain } from './rules/complain.ts';

/**
 * Decodes what a board sent: levels of its pins and counts of its channels. A contact is closed or open in it, all of
 * the time; a loop is the mean of its counts. A clamp takes a window of seconds, and the sensor in the cabinet has a
 * calibration of its own, so neither can stand in a capture.
 */
export function decodeFirmataCapture(profile: FirmataProfile, capture: Capture, complain: Complain): Values {
  const { frame, request, reply, packet, parameters } = capture;
  if (!frame || request || reply || packet !== undefined) {
    complain(
      [],
      both('a capture of a board is what it sent', '开发板的实录是它发出的字节'),
      both('give frame, and neither request, reply nor packet', '写 frame，不写 request、reply 和 packet'),
    );
    return undefined;
  }
  const signals = readFirmata(frame);
  if (signals === undefined) {
    complain(
      ['frame'],
      both('are no whole messages of Firmata', '不是完整的 Firmata 消息'),
      both('copy the bytes again, from a command byte on', '从命令字节起重新抄录'),
    );
    return undefined;
  }
  const supply = typeof profile.supply === 'number' ? profile.supply : supplyOf(profile, parameters);
  const raws = new Map<string, Raw>();
  for (const point of profile.points) {
    const raw = rawOf(point, signals, supply);
    if (raw !== undefined) raws.set(point.id, raw);
  }
  return interpret(profile, pointsOf(profile), raws, { parameters, auxiliaries: new Map() });
}

function supplyOf(
  { supply, parameters }: FirmataProfile,
  stated: Readonly<Record<string, number>>,
): number | undefined {
  return typeof supply === 'number' ? supply : (stated[supply] ?? parameters[supply]?.default);
}

function rawOf({ contact, loop }: FirmataPoint, { pins, channels }: FirmataSignals, supply: number | undefined) {
  const level = contact && pins.get(contact.pin);
  if (contact && level !== undefined) return level === contact.closed ? 100 : 0;
  const counts = loop && channels.get(loop.channel);
  if (!loop || !counts || supply === undefined) return undefined;
  return milliamperesOf(counts.reduce((sum, one) => sum + one, 0) / counts.length, loop.shunt, supply);
}
