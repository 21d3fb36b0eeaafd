import type { ModbusProfile } from '../../profile.ts';
import type { ModbusCommand } from '../../shape/commands.ts';
import type { FieldPath } from '../yaml-document.ts';
import type { Complain } from './complain.ts';

/** Function codes of the standard that only read. */
const readCodes: readonly number[] = [1, 2, 3, 4];
const writeCodes: readonly number[] = [5, 6, 15, 16];

/** Commands are writes and nothing else: what reads is a point, and what is sent at connect only reads. */
export function checkCommands({ commands }: ModbusProfile, complain: Complain): void {
  const ids = new Set<string>();
  commands.forEach((command, index) => {
    const path = ['commands', index];
    if (ids.has(command.id)) complain([...path, 'id'], `the id ${command.id} is used twice`, 'give each its own id');
    ids.add(command.id);
    if ((command.write === undefined) === (command.request === undefined)) {
      complain(path, 'says in none or in two ways what is sent', 'write either write or request');
      return;
    }
    if (command.write) checkWrite(command.write, [...path, 'write'], complain);
    if (command.request !== undefined) checkRequest(command.request, [...path, 'request'], complain);
  });
}

function checkWrite(write: NonNullable<ModbusCommand['write']>, path: FieldPath, complain: Complain): void {
  const { functionCode, values, range } = write;
  if ((values === undefined) === (range === undefined)) {
    complain(path, 'says in none or in two ways what is written', 'write either values or range');
    return;
  }
  const single = functionCode === 5 || functionCode === 6;
  if (single && values && values.length !== 1) {
    complain([...path, 'values'], `function code ${functionCode} writes one value`, 'give one, or use 15 or 16');
  }
  const coils = functionCode === 5 || functionCode === 15;
  if (coils && [...(values ?? []), ...(range ?? [])].some((value) => value > 1)) {
    complain([...path, values ? 'values' : 'range'], 'a coil is 0 or 1', 'write 0 or 1');
  }
  if (range && range[0] > range[1]) complain([...path, 'range'], 'lowest is above highest', 'write [lowest, highest]');
}

function checkRequest(request: string, path: FieldPath, complain: Complain): void {
  const functionCode = Number.parseInt(request, 16);
  if (readCodes.includes(functionCode)) {
    complain(path, `function code ${functionCode} only reads`, 'a command that reads is a point or an auxiliary value');
  } else if (writeCodes.includes(functionCode)) {
    complain(path, `function code ${functionCode} is one of the standard`, 'say it with write');
  }
}
