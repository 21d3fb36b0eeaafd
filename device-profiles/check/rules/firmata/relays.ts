import type { FirmataProfile } from '../../../profile.ts';
import type { Relay } from '../../../shape/firmata.ts';
import { oneOf } from '../../faults.ts';
import type { FieldPath } from '../../yaml-document.ts';
import { both, type Complain } from '../complain.ts';

/** What a mist cannon needs at least: time to step aside, and an end. */
const cannon = { warning: 5, longest: 1800 };

/** Rules of what a board may switch. */
export function checkRelays(profile: FirmataProfile, complain: Complain): void {
  const ids = new Set<string>();
  profile.relays.forEach((relay, index) => {
    const path = ['relays', index];
    if (ids.has(relay.id)) {
      const fault = both(`the id ${relay.id} is used twice`, `id ${relay.id} 重复`);
      complain([...path, 'id'], fault, both('give each relay its own id', '每个继电器各用一个 id'));
    }
    ids.add(relay.id);
    if (relay.active === 'low') complain([...path, 'active'], ...onAtReset);
    checkLockOut(profile, relay, path, complain);
    checkWarning(profile, relay, path, complain);
    if (relay.use === 'mist-cannon') checkCannon(relay, path, complain);
  });
}

/** StandardFirmata 2.4, systemResetCallback: every digital pin becomes an output, low, before anybody says anything. */
const onAtReset = [
  both(
    'StandardFirmata drives every digital pin low from its start: this relay would be on at each reset until the gateway speaks',
    'StandardFirmata 启动后所有数字引脚均输出低电平：每次复位后、网关发令前此继电器都会吸合',
  ),
  both(
    'use a module that switches on at high level (set its jumper to H) and write active: high',
    '改用高电平触发的继电器模块（跳线拨到 H），并写 active: high',
  ),
] as const;

function checkLockOut({ points }: FirmataProfile, { lockOut }: Relay, path: FieldPath, complain: Complain): void {
  if (lockOut === undefined) return;
  const switches = points.filter(({ contact, factor }) => contact !== undefined && factor === 'remote-released');
  const point = switches.find(({ id }) => id === lockOut);
  if (point === undefined) {
    const remedy =
      switches.length > 0
        ? oneOf(
            switches.map(({ id }) => id),
            lockOut,
          )
        : both(
            'add a point with factor: remote-released and the contact of the switch at the machine',
            '添加因子为 remote-released 的测点，接机器旁的转换开关',
          );
    const fault = both(`${lockOut} is no switch at the machine`, `${lockOut} 不是机器旁的转换开关`);
    complain([...path, 'lockOut'], fault, remedy);
  } else if (point.contact?.closed !== 'low') {
    complain(
      [...path, 'lockOut'],
      both('with a cut wire it would not lock', '断线时不会闭锁'),
      both('wire the switch between pin and GND, closed for remote', '转换开关接在引脚与 GND 之间，闭合为允许远控'),
    );
  }
}

function checkWarning({ relays }: FirmataProfile, relay: Relay, at: FieldPath, complain: Complain): void {
  const { lamp, seconds } = relay.warning;
  if (lamp === undefined) return;
  const path = [...at, 'warning', 'lamp'];
  const lamps = relays.filter(({ use, id, lockOut }) => use === 'lamp' && id !== relay.id && lockOut === undefined);
  if (!lamps.some(({ id }) => id === lamp)) {
    const fault = both(
      `there is no relay ${lamp} of a lamp without a lock-out`,
      `没有名为 ${lamp}、不带闭锁的灯继电器`,
    );
    complain(
      path,
      fault,
      lamps.length === 0
        ? both('remove it', '删去此项')
        : oneOf(
            lamps.map(({ id }) => id),
            lamp,
          ),
    );
  }
  if (seconds === 0) {
    const fault = both('the lamp would be on for no time', '灯亮时间为零');
    complain([...at, 'warning', 'seconds'], fault, both('write how long it warns', '写预警时长'));
  }
}

function checkCannon({ lockOut, warning, longestSeconds }: Relay, path: FieldPath, complain: Complain): void {
  if (lockOut === undefined) {
    complain(
      [...path, 'lockOut'],
      both('is missing: a mist cannon needs a switch at the machine that locks it', '缺少此项：雾炮须有机旁闭锁开关'),
      both('name the point of that contact, closed for remote', '写该触点的测点，闭合为允许远控'),
    );
  }
  if (warning.seconds < cannon.warning) {
    complain(
      [...path, 'warning', 'seconds'],
      both('people near a mist cannon must have time to step aside', '雾炮附近的人须有时间避让'),
      both(`write ${cannon.warning} or more`, `不小于 ${cannon.warning}`),
    );
  }
  if (longestSeconds > cannon.longest) {
    complain(
      [...path, 'longestSeconds'],
      both(
        `${longestSeconds} s is longer than a mist cannon may run unasked`,
        `${longestSeconds} s 超过雾炮单次允许时长`,
      ),
      both(`write ${cannon.longest} or less`, `不大于 ${cannon.longest}`),
    );
  }
}
