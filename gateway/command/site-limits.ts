import { isDeepStrictEqual } from 'node:util';
import type { Site, SiteInstrument, SiteUplink } from '../site/site-schema.ts';
import type { DocumentFault } from './command-kind.ts';

/** What names files of the site's secrets. */
const secretsOf = ({ passwordFile, tls }: SiteUplink): object => ({ passwordFile, tls });

/**
 * What of a site a command does not change, whoever signs it: who the gateway is, the way of any other platform, which
 * secrets go where, and who reaches the page. Each of them would let one platform take something from another, or cut off
 * whoever has to confirm the change. Nor does it allow anything to be switched: that needs somebody who stands before it.
 */
export function siteLimits(before: Site, after: Site, uplink: string): DocumentFault[] {
  const faults: DocumentFault[] = [];
  const atSite = (field: string, why: string): void => {
    faults.push({ field, fault: why, remedy: 'leave it as it is; it is changed at the site only' });
  };
  for (const field of ['id', 'area', 'timezone'] as const) {
    if (after.gateway[field] !== before.gateway[field]) atSite(`gateway.${field}`, 'says who the gateway is');
  }
  if (!isDeepStrictEqual(after.page, before.page)) atSite('page', 'says who reaches the page');
  for (const one of before.uplinks) {
    const now = after.uplinks.find(({ id }) => id === one.id);
    const field = `uplinks.${one.id}`;
    if (one.id !== uplink) {
      if (!isDeepStrictEqual(now, one)) atSite(field, 'is the way of another platform');
    } else if (now === undefined) {
      atSite(field, 'is the way by which the command came; without it nobody could confirm the change');
    } else if (!isDeepStrictEqual(secretsOf(now), secretsOf(one))) {
      atSite(`${field}.${isDeepStrictEqual(now.tls, one.tls) ? 'passwordFile' : 'tls'}`, 'names secrets of the site');
    }
  }
  for (const one of after.uplinks) {
    if (before.uplinks.some(({ id }) => id === one.id)) continue;
    if (one.passwordFile !== undefined || one.tls !== undefined)
      atSite(`uplinks.${one.id}`, 'names secrets of the site');
  }
  for (const one of after.instruments) {
    if (addsSwitching(before, after, one)) atSite(`instruments.${one.id}.commands`, 'says what may be switched');
  }
  return faults;
}

/** Whether a relay may be switched that might not before, or another one by the same name: of another wiring or board. */
function addsSwitching(before: Site, after: Site, { id, commands = [], profile, link }: SiteInstrument): boolean {
  if (commands.length === 0) return false;
  const was = before.instruments.find((one) => one.id === id);
  const isSameBoard =
    was?.profile === profile && was.link === link && isDeepStrictEqual(before.links[link], after.links[link]);
  return !isSameBoard || commands.some((relay) => !was?.commands?.includes(relay));
}
