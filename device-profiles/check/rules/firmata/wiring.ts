import type { FirmataProfile } from '../../../profile.ts';
import type { FieldPath } from '../../yaml-document.ts';
import { both, type Complain } from '../complain.ts';

/** Digital pins of both boards beside the serial ones; from 14 on they are the analogue ones. */
const digital = { first: 2, last: 13 };
/** Carries the board's own lamp. */
const lampPin = 13;
/** Analogue channels: the Nano has two more. */
const channels: Readonly<Record<FirmataProfile['board'], number>> = { uno: 6, nano: 8 };
/** SDA and SCL of both boards. */
const i2cChannels = [4, 5];

/** What is wired where: pins that exist, each with one thing on it. */
export function checkWiring(profile: FirmataProfile, complain: Complain): void {
  const taken = new Map<string, string>();
  const take = (place: string, id: string, path: FieldPath): void => {
    const other = taken.get(place);
    taken.set(place, id);
    if (other === undefined) return;
    complain(
      path,
      both(`${place} is already used by ${other}`, `${place} 已被 ${other} 占用`),
      both('give each thing a pin of its own', '每路各用一个引脚'),
    );
  };
  if (profile.points.some(({ climate }) => climate !== undefined)) {
    for (const channel of i2cChannels) taken.set(`A${channel}`, 'the BME280 (I2C)');
  }
  profile.points.forEach(({ id, contact, loop, clamp }, index) => {
    if (contact) {
      const path = ['points', index, 'contact', 'pin'];
      checkPin(contact.pin, path, complain);
      if (contact.pin === lampPin) complain(path, ...lampPinHolds);
      take(`pin ${contact.pin}`, id, path);
    }
    for (const [kind, input] of Object.entries({ loop, clamp })) {
      if (input === undefined) continue;
      const path = ['points', index, kind, 'channel'];
      checkChannel(profile.board, input.channel, path, complain);
      take(`A${input.channel}`, id, path);
    }
  });
  profile.relays.forEach(({ id, pin }, index) => {
    const path = ['relays', index, 'pin'];
    checkPin(pin, path, complain);
    if (pin === lampPin) complain(path, ...lampPinBlinks);
    take(`pin ${pin}`, id, path);
  });
}

const free = both(
  `write a pin from ${digital.first} to ${digital.last - 1}`,
  `写 ${digital.first} 到 ${digital.last - 1} 的引脚`,
);

const lampPinHolds = [
  both(
    "pin 13 carries the board's own lamp, which pulls it low beside the pull-up",
    '13 号引脚接有板载指示灯，会把上拉电平拉低',
  ),
  free,
] as const;
const lampPinBlinks = [
  both(
    "pin 13 carries the board's own lamp, which the boot loader blinks at every reset: the relay would click",
    '13 号引脚接有板载指示灯，每次复位引导程序都会使其闪烁，继电器会随之动作',
  ),
  free,
] as const;

function checkPin(pin: number, path: FieldPath, complain: Complain): void {
  if (pin < digital.first) {
    const fault = both(`pin ${pin} is the board's serial line to the gateway`, `${pin} 号引脚是开发板与网关之间的串口`);
    complain(path, fault, free);
  } else if (pin > digital.last) {
    const fault = both(
      `pin ${pin} is no digital pin: from 14 on they are the analogue ones, A0 and further`,
      `${pin} 不是数字引脚：14 起为模拟引脚 A0 等`,
    );
    complain(path, fault, free);
  }
}

function checkChannel(board: FirmataProfile['board'], channel: number, path: FieldPath, complain: Complain): void {
  const count = channels[board];
  if (channel < count) return;
  complain(
    path,
    both(`the board ${board} has no A${channel}`, `${board} 开发板没有 A${channel}`),
    both(`write 0 to ${count - 1}`, `写 0 到 ${count - 1}`),
  );
}
