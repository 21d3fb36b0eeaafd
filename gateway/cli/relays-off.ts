import { pause, systemClock } from '../clock.ts';
import { firmataLine } from '../joining/system-parts.ts';
import type { LinkFault } from '../link/link.ts';
import { SerialportLink } from '../link/serialport-link.ts';
import { loadSite } from '../site/load-site.ts';
import { siteDirectory } from '../site/site-directory.ts';
import { faultLine } from './fault-lines.ts';
import { catalogueOf } from './site-option.ts';
import { type Command, exit, parseArguments, required, say, type Terminal } from './terminal.ts';

const help = `fenceline relays-off --site DIR [--lang zh|en]

Lets every relay of the site's boards fall off: opens each board's port, which resets an Uno, and tells the firmware to reset.
For when the gateway was killed; systemd calls it whenever the gateway has ended (ExecStopPost in set-up/fenceline.service).
While the gateway runs it has the ports, and nothing is done.

  --site DIR     the site directory

Exit code: 0 every board that is there was told, 1 a port could not be had.

  fenceline relays-off --site /var/lib/fenceline`;

/** SYSTEM_RESET of the Firmata protocol: StandardFirmata then drives every digital pin low. */
const systemReset = Uint8Array.of(0xff);
/** Milliseconds for the byte to leave a port at 57600 bits per second, and the adapter behind it. */
const leaving = 50;

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values } = parseArguments(args, { site: { type: 'string' } });
    const directory = siteDirectory(required(values.site, '--site'));
    const catalogue = catalogueOf(directory.root);
    const loaded = await loadSite(directory, { catalogue });
    if (loaded.kind !== 'loaded') {
      for (const fault of loaded.faults) terminal.complain(faultLine(fault, terminal.language));
      return exit.badInput;
    }
    const { links, instruments } = loaded.site;
    const isSwitched = (id: string): boolean =>
      instruments.some(({ link, commands = [] }) => link === id && commands.length > 0);
    let code: number = exit.ok;
    for (const [id, settings] of Object.entries(links)) {
      if (settings.kind !== 'firmata' || !isSwitched(id)) continue;
      const fault = await letGo(id, settings.path);
      tell(id, fault, terminal);
      // A board that is not there has nothing on by its USB port.
      if (fault !== null && fault.kind !== 'absent') code = exit.failed;
    }
    return code;
  },
};

async function letGo(id: string, path: string): Promise<LinkFault | null> {
  const settings = { path, ...firmataLine };
  const link = new SerialportLink({ id, settings, clock: systemClock, observe: () => undefined });
  const fault = (await link.open()) ?? (await link.write(systemReset));
  if (fault === null) await pause(systemClock, leaving);
  await link.close();
  return fault;
}

function tell(id: string, fault: LinkFault | null, { print, complain, language }: Terminal): void {
  if (fault === null)
    print(say({ en: `${id}: every relay is told to fall off`, zh: `${id}：已令所有继电器断开` }, language));
  else complain(say({ en: `${id}: ${fault.message}`, zh: `${id}：无法操作（${fault.message}）` }, language));
}
