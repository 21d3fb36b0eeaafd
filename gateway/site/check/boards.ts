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
    }
  });
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
