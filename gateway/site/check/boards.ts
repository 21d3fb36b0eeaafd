import { pointOf } from '../../driver/instrument.ts';
import type { Complain } from './fault.ts';
import type { KnownInstrument } from './instruments.ts';
import { suggestion } from './known-fields.ts';

/** Checks what a site says of a board with pins: that it hangs on a link of its kind, and which relays may be switched. */
export function checkBoard(instrument: KnownInstrument, complain: Complain): void {
  checkKind(instrument, complain);
  const { index, fields, profile } = instrument;
  const relays = profile.protocol === 'firmata' ? profile.relays.map(({ id }) => id) : [];
  fields.commands?.forEach((id, place) => {
    const path = ['instruments', index, 'commands', place];
    if (!relays.includes(id)) {
      const fault = { en: `${fields.profile} has no relay ${id}`, zh: `${fields.profile} 没有继电器 ${id}` };
      complain(path, fault, suggestion(id, relays, { en: 'delete it', zh: '删去此项' }));
    } else if (fields.commands?.indexOf(id) !== place) {
      const fault = { en: `${id} stands twice`, zh: `${id} 重复` };
      complain(path, fault, { en: 'delete one', zh: '删去一个' });
    } else checkLockOut(instrument, id, place, complain);
  });
}

/** Nobody may switch what he cannot see: the switch at the machine has to stand at a point of the site. */
function checkLockOut(
  { index, fields, profile, wrong }: KnownInstrument,
  id: string,
  place: number,
  complain: Complain,
) {
  if (profile.protocol !== 'firmata' || wrong.has('channels') || wrong.has('point')) return;
  const lockOut = profile.relays.find((relay) => relay.id === id)?.lockOut;
  const contact = profile.points.find((point) => point.id === lockOut);
  if (contact === undefined || pointOf({ settings: fields }, contact) !== undefined) return;
  const { channel, contact: { name } = { name: { zh: contact.id, en: contact.id } } } = contact;
  complain(
    ['instruments', index, 'commands', place],
    {
      en: `${id} is locked by the ${name.en}, which this site does not show`,
      zh: `${id} 由${name.zh}闭锁，而本站点未显示该触点`,
    },
    channel === undefined
      ? { en: 'write "point"', zh: '填写 "point"' }
      : {
          en: `map the channel ${channel} to a point under "channels"`,
          zh: `在 "channels" 中为通道 ${channel} 指定点位`,
        },
  );
}

function checkKind({ index, fields, profile, linkSettings }: KnownInstrument, complain: Complain): void {
  if (linkSettings === undefined) return;
  const path = ['instruments', index, 'link'];
  const isBoard = profile.protocol === 'firmata';
  if (isBoard && linkSettings.kind !== 'firmata') {
    complain(
      path,
      {
        en: `${fields.profile} is a board with pins, and ${fields.link} is a link of kind ${linkSettings.kind}`,
        zh: `${fields.profile} 是引脚开发板，而 ${fields.link} 的 kind 是 ${linkSettings.kind}`,
      },
      {
        en: 'give it a link of its own: { "kind": "firmata", "path": "/dev/serial/by-id/…" }',
        zh: '为它单独建一个链路：{ "kind": "firmata", "path": "/dev/serial/by-id/…" }',
      },
    );
  }
}
