import * as z from 'zod';
import { pause, systemClock } from '../clock.ts';
import { firmataLine } from '../joining/system-parts.ts';
import type { LinkFault } from '../link/link.ts';
import { SerialportLink } from '../link/serialport-link.ts';
import { readSiteText } from '../site/load-site.ts';
import { type SiteDirectory, siteDirectory } from '../site/site-directory.ts';
import { type Command, exit, parseArguments, required, say, type Terminal } from './terminal.ts';

const help = `fenceline relays-off --site DIR [--lang zh|en]

Lets every relay of the site's boards fall off: opens each board's port, which resets an Uno, and tells the firmware to drive
every pin low and to reset. For when the gateway was killed; systemd calls it whenever the gateway has ended (ExecStopPost in
set-up/fenceline.service). While the gateway runs it has the ports, and nothing is done. The boards are those of site.json and
of the document that the gateway last ran with, whatever else is wrong in them.

  --site DIR     the site directory

Exit code: 0 every board that is there was told, 1 a port could not be had, 2 there is no document that can be read.

  fenceline relays-off --site /var/lib/fenceline`;

/**
 * END_SYSEX, since the gateway may have been killed in the middle of a long message, in which the firmware would take all of
 * this for more of it; all pins of the three ports low, since SYSTEM_RESET leaves levels as they are from StandardFirmata
 * 2.5 on; SYSTEM_RESET, after which no pin is what it was set to. A board whose DTR line resets it hears none of it in its
 * boot loader, and begins with every pin low.
 */
export const letEverythingGo = Uint8Array.of(0xf7, ...[0x90, 0, 0], ...[0x91, 0, 0], ...[0x92, 0, 0], 0xff);
/** Milliseconds for the bytes to leave a port at 57600 bits per second, and the adapter behind it. */
const leaving = 50;

const boardSchema = z.looseObject({ kind: z.literal('firmata'), path: z.string().min(1) });
const switchingSchema = z.looseObject({ link: z.string(), commands: z.array(z.unknown()).min(1) });
/** No more of a document than is needed here: a mistake elsewhere must not leave anything on. */
const documentSchema = z.looseObject({
  links: z.record(z.string(), z.unknown()),
  instruments: z.array(z.unknown()),
});

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values } = parseArguments(args, { site: { type: 'string' } });
    const directory = siteDirectory(required(values.site, '--site'));
    const boards = await boardsOf(directory);
    if (boards === null) {
      const en = `neither ${directory.document} nor the last document that ran can be read: switch off at the machines`;
      const zh = `${directory.document} 与上次运行的站点文件均无法读取：请在机旁关闭设备`;
      terminal.complain(say({ en, zh }, terminal.language));
      return exit.badInput;
    }
    let code: number = exit.ok;
    for (const [path, id] of boards) {
      const fault = await letGo(id, path);
      tell(id, fault, terminal);
      // A board that is not there has nothing on by its USB port.
      if (fault !== null && fault.kind !== 'absent') code = exit.failed;
    }
    return code;
  },
};

/**
 * Path and id of every board of which something may be switched, of both documents: site.json may have been edited since
 * the gateway was started. Null where neither can be read.
 */
async function boardsOf(directory: SiteDirectory): Promise<Map<string, string> | null> {
  const boards = new Map<string, string>();
  let isRead = false;
  for (const file of [directory.document, directory.lastGood]) {
    const document = documentIn(await readSiteText(file));
    if (document === null) continue;
    isRead = true;
    const switched = document.instruments.flatMap((one) => switchingSchema.safeParse(one).data?.link ?? []);
    for (const [id, link] of Object.entries(document.links)) {
      const board = boardSchema.safeParse(link).data;
      if (board !== undefined && switched.includes(id) && !boards.has(board.path)) boards.set(board.path, id);
    }
  }
  return isRead ? boards : null;
}

function documentIn(text: unknown): z.output<typeof documentSchema> | null {
  if (typeof text !== 'string') return null;
  try {
    return documentSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

async function letGo(id: string, path: string): Promise<LinkFault | null> {
  const settings = { path, ...firmataLine };
  const link = new SerialportLink({ id, settings, clock: systemClock, observe: () => undefined });
  const fault = (await link.open()) ?? (await link.write(letEverythingGo));
  if (fault === null) await pause(systemClock, leaving);
  await link.close();
  return fault;
}

function tell(id: string, fault: LinkFault | null, { print, complain, language }: Terminal): void {
  if (fault === null)
    print(say({ en: `${id}: every relay is told to fall off`, zh: `${id}：已令所有继电器断开` }, language));
  else complain(say({ en: fault.message, zh: `${id}：无法操作（${fault.message}）` }, language));
}
