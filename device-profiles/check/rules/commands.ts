import type { ModbusProfile } from '../../profile.ts';
import type { ModbusCommand } from '../../shape/commands.ts';
import type { FieldPath } from '../yaml-document.ts';
import { both, type Complain } from './complain.ts';

/** Function codes of the standard that only read. */
const readCodes: readonly number[] = [1, 2, 3, 4];
const writeCodes: readonly number[] = [5, 6, 15, 16];

/** Commands are writes and nothing else: what reads is a point, and what is sent at connect only reads. */
export function checkCommands({ commands }: ModbusProfile, complain: Complain): void {
  const ids = new Set<string>();
  commands.forEach((command, index) => {
    const path = ['commands', index];
    if (ids.has(command.id))
      complain(
        [...path, 'id'],
        both(`the id ${command.id} is used twice`, `id ${command.id} 重复`),
        both('give each its own id', '各用一个 id'),
      );
    ids.add(command.id);
    if ((command.write === undefined) === (command.request === undefined)) {
      complain(
        path,
        both('says in none or in two ways what is sent', '未说明或以两种方式说明发送什么'),
        both('write either write or request', 'write 与 request 只写其一'),
      );
      return;
    }
    if (command.write) checkWrite(command.write, [...path, 'write'], complain);
    if (command.request !== undefined) checkRequest(command.request, [...path, 'request'], complain);
  });
}

function checkWrite(write: NonNullable<ModbusCommand['write']>, path: FieldPath, complain: Complain): void {
  const { functionCode, values, range } = write;
  if ((values === undefined) === (range === undefined)) {
    complain(
      path,
      both('says in none or in two ways what is written', '未说明或以两种方式说明写入什么'),
      both('write either values or range', 'values 与 range 只写其一'),
    );
    return;
  }
  const single = functionCode === 5 || functionCode === 6;
  if (single && values && values.length !== 1) {
    complain(
      [...path, 'values'],
      both(`function code ${functionCode} writes one value`, `功能码 ${functionCode} 只写一个值`),
      both('give one, or use 15 or 16', '只给一个，或改用 15、16'),
    );
  }
  const coils = functionCode === 5 || functionCode === 15;
  if (coils && [...(values ?? []), ...(range ?? [])].some((value) => value > 1)) {
    complain(
      [...path, values ? 'values' : 'range'],
      both('a coil is 0 or 1', '线圈只有 0 或 1'),
      both('write 0 or 1', '写 0 或 1'),
    );
  }
  if (range && range[0] > range[1])
    complain(
      [...path, 'range'],
      both('lowest is above highest', '下限大于上限'),
      both('write [lowest, highest]', '写 [下限, 上限]'),
    );
}

function checkRequest(request: string, path: FieldPath, complain: Complain): void {
  const functionCode = Number.parseInt(request, 16);
  if (readCodes.includes(functionCode)) {
    complain(
      path,
      both(`function code ${functionCode} only reads`, `功能码 ${functionCode} 只用于读取`),
      both('a command that reads is a point or an auxiliary value', '读取请写成测点或辅助量'),
    );
  } else if (writeCodes.includes(functionCode)) {
    complain(
      path,
      both(`function code ${functionCode} is one of the standard`, `功能码 ${functionCode} 是标准功能码`),
      both('say it with write', '请用 write 表示'),
    );
  }
}
