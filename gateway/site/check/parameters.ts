import { pointsOf } from '../../../device-profiles/profile.ts';
import { parametersUnder } from '../../../device-profiles/value/leaning.ts';
import { wantedPoints } from '../../driver/instrument.ts';
import type { Complain } from './fault.ts';
import type { KnownInstrument } from './instruments.ts';
import { suggestion } from './known-fields.ts';

/** What only the site knows of an instrument: every question is answered that what it has leans on, and no other is. */
export function checkParameters({ index, fields, wrong, profile }: KnownInstrument, complain: Complain): void {
  if (wrong.has('parameters')) return;
  const given = fields.parameters ?? {};
  const settings = { ...fields, point: fields.point ?? 'anywhere' };
  const needed = parametersUnder(profile, wantedPoints({ settings }, pointsOf(profile)));
  for (const [name, { zh, en, range, default: usual }] of Object.entries(profile.parameters)) {
    const path = ['instruments', index, 'parameters', name];
    const value = given[name];
    if (value === undefined && (usual !== undefined || !needed.has(name))) continue;
    if (value !== undefined && value >= range[0] && value <= range[1]) continue;
    const fault =
      value === undefined
        ? { en: `is missing: ${en}`, zh: `缺少此项：${zh}` }
        : { en: `${value} cannot be right: ${en}`, zh: `${value} 不合理：${zh}` };
    complain(path, fault, {
      en: `write "parameters": { "${name}": … }, from ${range[0]} to ${range[1]}`,
      zh: `写 "parameters": { "${name}": … }，${range[0]} 到 ${range[1]}`,
    });
  }
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(profile.parameters, name)) continue;
    const known = Object.keys(profile.parameters);
    complain(
      ['instruments', index, 'parameters', name],
      { en: `${fields.profile} asks for no ${name}`, zh: `${fields.profile} 不需要 ${name}` },
      suggestion(name, known, { en: 'delete it', zh: '删去此项' }),
    );
  }
}
