import type { SiteClock } from '../../clock/site-clock.ts';
import type { LocalTime } from '../../clock.ts';
import type { UplinkAuthority } from '../../command/authority.ts';
import { commands } from '../../command/commands.ts';
import { CommandDoor } from '../../command/door.ts';
import { Journal } from '../../command/journal.ts';
import type { CommandEvent, CommandPorts } from '../../command/port.ts';
import type { DemandedReads } from '../../http/lines/demanded-reads.ts';
import type { AuditRecord, Json } from '../../record/record.ts';
import { readPublicKey } from '../../record/signature.ts';
import { DurableLines } from '../../site/durable-lines.ts';
import { siteDirectory } from '../../site/site-directory.ts';
import type { Site, SiteUplink } from '../../site/site-schema.ts';
import type { Store } from '../../store/port.ts';
import type { Uplink } from '../../uplink/port.ts';
import type { Retiring } from './retiring.ts';
import type { SiteChanging } from './site-changing.ts';
import type { Switching } from './switching.ts';

interface CommandingOptions {
  /** The site directory. */
  readonly directory: string;
  readonly site: Site;
  /** The site document in force, as it is written, and its version. */
  readonly siteDocument: Json;
  readonly siteVersion: string;
  /** Those who do what is asked. */
  readonly siteChanging: Pick<SiteChanging, 'propose'>;
  readonly retiring: Pick<Retiring, 'begin'>;
  readonly switches: Pick<Switching, 'order'>;
  readonly reads: Pick<DemandedReads, 'ask'>;
  readonly store: Pick<Store, 'claimAgain'>;
  /** Resolves when the record is committed; rejects where it can only be held. */
  readonly record: (record: AuditRecord) => Promise<unknown>;
  readonly clock: SiteClock;
  readonly localTime: LocalTime;
  readonly uplink: (id: string) => Uplink | undefined;
  readonly observe: (event: CommandEvent) => void;
}

/** The door for commands of the platforms, with its file. */
interface Commanding {
  readonly door: CommandDoor;
  close(): Promise<void>;
}

/** Opens the door; without the file of what was asked before nothing is obeyed, and everything else goes on: null. */
export async function openCommanding(options: CommandingOptions): Promise<Commanding | null> {
  const { directory, site, record, clock, localTime, observe } = options;
  const path = siteDirectory(directory).commands;
  const opened = await DurableLines.open(path).catch((error: Error) => {
    observe({ kind: 'command-fault', message: `no commands are obeyed: ${path} cannot be read: ${error.message}` });
    return null;
  });
  if (opened === null) return null;
  const { lines, texts, damaged } = opened;
  const journal = new Journal(lines, texts);
  if (damaged + journal.damaged > 0) {
    const message = `${path}: ${damaged + journal.damaged} lines are damaged, and left out; a command in them may be obeyed once more`;
    observe({ kind: 'command-fault', message });
  }
  const door = new CommandDoor({
    address: { area: site.gateway.area, gateway: site.gateway.id },
    uplinks: site.uplinks.filter(hearsCommands).map(authorityOf),
    ...{ commands, ports: portsOf(options), journal, record, clock, localTime, observe },
    standing: () => ({ trusted: clock.isKnown(), why: clock.state().why.en }),
    reply: (uplink, reply) => options.uplink(uplink)?.reply(reply),
  });
  return {
    door,
    async close() {
      await door.close();
      await lines.close();
    },
  };
}

function portsOf(options: CommandingOptions): CommandPorts {
  const { site, siteVersion, siteDocument, siteChanging, retiring, switches, reads, store, clock, uplink } = options;
  return {
    siteVersion,
    siteDocument,
    propose: (proposal) => siteChanging.propose(proposal),
    retire: (asked) => retiring.begin(asked),
    async read(instrument) {
      const link = site.instruments.find(({ id }) => id === instrument)?.link;
      return link === undefined ? undefined : reads.ask(instrument, link);
    },
    async claimAgain(by, ...what) {
      const entries = await store.claimAgain(by, ...what);
      if (entries > 0) uplink(by)?.lookAgain();
      return entries;
    },
    offerTime: (time) => clock.offerTime('platform', time),
    switchRelay: (...asked) => switches.order(...asked),
  };
}

/** Whether anybody behind the uplink could be obeyed. */
export function hearsCommands({ commands, platformKeys = [] }: SiteUplink): boolean {
  return commands === 'unsigned-reads' || (commands === 'signed' && platformKeys.length > 0);
}

function authorityOf({ id, commands, platformKeys = [] }: SiteUplink): UplinkAuthority {
  const keys = platformKeys.map((text) => ({ text, key: readPublicKey(text) }));
  return { id, platformKeys: keys, unsignedReads: commands === 'unsigned-reads' };
}
