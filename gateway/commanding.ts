import type { Clock, LocalTime } from './clock.ts';
import type { UplinkAuthority } from './command/authority.ts';
import { commands } from './command/commands.ts';
import { CommandDoor } from './command/door.ts';
import { Journal } from './command/journal.ts';
import type { ClockStanding, CommandEvent, CommandPorts } from './command/port.ts';
import type { AuditRecord } from './record/record.ts';
import { readPublicKey } from './record/signature.ts';
import { DurableLines } from './site/durable-lines.ts';
import { siteDirectory } from './site/site-directory.ts';
import type { Site, SiteUplink } from './site/site-schema.ts';
import type { Uplink } from './uplink/port.ts';

export interface CommandingOptions {
  /** The site directory. */
  readonly directory: string;
  readonly site: Site;
  readonly ports: CommandPorts;
  /** Resolves when the record is committed; rejects where it can only be held. */
  readonly record: (record: AuditRecord) => Promise<unknown>;
  readonly clock: Clock;
  readonly localTime: LocalTime;
  readonly standing: () => ClockStanding;
  readonly uplink: (id: string) => Uplink | undefined;
  readonly observe: (event: CommandEvent) => void;
}

/** The door for commands of the platforms, with its file. */
export interface Commanding {
  readonly door: CommandDoor;
  close(): Promise<void>;
}

/** Opens the door; without the file of what was asked before nothing is obeyed, and everything else goes on: null. */
export async function openCommanding(options: CommandingOptions): Promise<Commanding | null> {
  const { directory, site, ports, record, clock, localTime, standing, observe } = options;
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
    ...{ commands, ports, journal, record, clock, localTime, standing, observe },
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

/** Whether anybody behind the uplink could be obeyed. */
export function hearsCommands({ commands, platformKeys = [] }: SiteUplink): boolean {
  return commands === 'unsigned-reads' || (commands === 'signed' && platformKeys.length > 0);
}

function authorityOf({ id, commands, platformKeys = [] }: SiteUplink): UplinkAuthority {
  const keys = platformKeys.map((text) => ({ text, key: readPublicKey(text) }));
  return { id, platformKeys: keys, unsignedReads: commands === 'unsigned-reads' };
}
