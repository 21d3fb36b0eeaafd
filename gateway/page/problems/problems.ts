import type {
  ClockPicture,
  InstrumentPicture,
  LinkPicture,
  Picture,
  SiteFaultPicture,
  StorePicture,
  UplinkPicture,
} from '../../http/picture.ts';
import { ageOf, isOld, type Seen } from '../feed/picture-age.ts';
import { countText } from '../format.ts';
import type { Language, Words } from '../words/words.ts';
import { nodeProblems } from './node-problems.ts';

/** Something a technician should look at, and the id of the place on the page where it is told in full. */
export interface Problem {
  readonly place: string;
  readonly text: string;
}

/** Ids of the places on the page. */
export const placeOf = {
  site: 'site-faults',
  store: 'store',
  commands: 'commands',
  clock: 'clock',
  instrument: (id: string): string => `instrument-${id}`,
  link: (id: string): string => `link-${id}`,
  node: (id: string): string => `node-${id}`,
  uplink: (id: string): string => `uplink-${id}`,
};

/** Everything that is not as it should be, gravest first within each section of the page. */
export function problemsOf(seen: Seen, words: Words, language: Language): readonly Problem[] {
  const { instruments, links, nodes, store, clock, uplinks } = seen.picture;
  const faults = ownSiteFaults(seen.picture).length;
  return [
    ...(faults > 0 ? [{ place: placeOf.site, text: words.problem.siteFaults(faults) }] : []),
    ...links.flatMap((link) => linkProblems(link, words)),
    ...nodes.flatMap((node) => nodeProblems(node, seen, words).map((text) => ({ place: placeOf.node(node.id), text }))),
    ...instruments.flatMap((instrument) => instrumentProblems(instrument, seen.since, words, language)),
    ...clockProblems(clock, words, language),
    ...storeProblems(store, words),
    ...uplinks
      .filter(({ id }) => !isRetired(id, seen.picture))
      .flatMap((uplink) => uplinkProblems(uplink, words, language)),
  ];
}

/** Faults of the site document that no instrument's own card shows. */
export function ownSiteFaults({ gateway, instruments }: Picture): readonly SiteFaultPicture[] {
  const shown = new Set(instruments.flatMap(({ faults }) => faults.map(({ field, fault }) => `${field} ${fault.en}`)));
  return gateway.siteFaults.filter(({ field, fault }) => !shown.has(`${field} ${fault.en}`));
}

/** Its platform wants nothing more, so that nothing goes out is as it should be. */
function isRetired(uplink: string, { commands }: Picture): boolean {
  return commands.retired.some((one) => one.uplink === uplink && one.delivered);
}

function instrumentProblems(
  instrument: InstrumentPicture,
  since: number,
  { problem }: Words,
  language: Language,
): readonly Problem[] {
  const place = placeOf.instrument(instrument.id);
  const name = `${instrument.name[language]} ${instrument.id}`;
  if (instrument.condition === 'left-out') return [{ place, text: problem.leftOut(name) }];
  if (instrument.condition === 'not-answering') return [{ place, text: problem.notAnswering(name) }];
  const marked = instrument.values.filter(({ flag }) => flag !== null && flag !== 'N').length;
  if (marked > 0) return [{ place, text: problem.marked(name, marked) }];
  const old = instrument.values.some((value) => isOld(ageOf(value, since), instrument));
  return old ? [{ place, text: problem.old(name) }] : [];
}

function linkProblems({ id, fault, overload, silence }: LinkPicture, { problem }: Words): readonly Problem[] {
  const place = placeOf.link(id);
  return [
    ...(fault === null ? [] : [{ place, text: problem.linkClosed(id) }]),
    ...(overload === null ? [] : [{ place, text: problem.overload(id) }]),
    ...(silence?.state === 'other-master' ? [{ place, text: problem.otherMaster(id) }] : []),
  ];
}

function clockProblems(
  { trusted, held, why, next }: ClockPicture,
  words: Words,
  language: Language,
): readonly Problem[] {
  const place = placeOf.clock;
  if (trusted) return next === null ? [] : [{ place, text: why[language] }];
  return [
    { place, text: held.readings === 0 ? words.time.problem : words.time.problemHeld(countText(held.readings, words)) },
  ];
}

function storeProblems({ fault, apart, dropped, leaving }: StorePicture, words: Words): readonly Problem[] {
  const place = placeOf.store;
  return [
    ...(fault === null ? [] : [{ place, text: words.problem.store }]),
    ...(apart === null ? [] : [{ place, text: words.apart[apart.reason].what }]),
    ...(leaving === null ? [] : [{ place, text: words.exports.problem(leaving.days, leaving.at.slice(0, 10)) }]),
    ...(dropped === 0 ? [] : [{ place, text: words.problem.dropped(countText(dropped, words)) }]),
  ];
}

function isUsedUp(month: UplinkPicture['month']): boolean {
  return month !== null && month.limit !== null && month.bytes >= month.limit;
}

function uplinkProblems(
  { id, state, refused, month, credentials }: UplinkPicture,
  words: Words,
  language: Language,
): readonly Problem[] {
  const place = placeOf.uplink(id);
  return [
    ...credentials.map(({ fault }) => ({ place, text: words.problem.credentials(id, fault[language]) })),
    ...(state === 'connected' || state === 'scheduled' ? [] : [{ place, text: words.problem.uplink(id) }]),
    ...(isUsedUp(month) ? [{ place, text: words.pace.usedUp(id) }] : []),
    ...(refused === 0 ? [] : [{ place, text: words.problem.refused(id, countText(refused, words)) }]),
  ];
}
