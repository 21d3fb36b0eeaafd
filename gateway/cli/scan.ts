import { highestAddress, lowestAddress, parseAddresses } from '../scan/walk/addresses.ts';
import { siteDirectory } from '../site/site-directory.ts';
import { scanSite, scanTarget } from './scan/run-scan.ts';
import { directTarget } from './scan/target.ts';
import { BadInput, type Command, parseArguments } from './terminal.ts';

const help = `fenceline scan --site DIR [--link LINK] [OPTIONS]
fenceline scan --serial PORT [--speed 9600-8N1] [OPTIONS]
fenceline scan --tcp HOST:PORT[,modbus-rtu[,9600-8N1]] [OPTIONS]

Looks for instruments on a line: asks every slave address with read requests, compares what answers with the
profiles it knows, and says how well they fit and why. Listens first, and sends nothing where another master polls.
While a gateway runs on the site, it asks the questions in between its own polls.
Ctrl-C ends it and shows what was found so far.

  --site DIR          the site directory; its own profiles are known, too
  --link LINK         the link of the site; may be left out where there is only one
  --serial PORT       a serial port, without a site
  --speed SETTINGS    its speed, data bits, parity and stop bits; 9600-8N1 without it
  --tcp HOST:PORT     a device on the network, without a site; with ,modbus-rtu a device server that passes bytes on
  --addresses LIST    which addresses, such as 1-20,100; ${lowestAddress}-${highestAddress} without it
  --quick             ask each address once; instruments that keep silent at registers they lack may be missed
  --meters            ask for a DL/T 645 meter, too; not without it, since other instruments may take the question for
                      theirs. One is found; several answer at once
  --also-speeds       afterwards try other speeds and parities, once you have agreed: garbage at a wrong speed may
                      be taken for a write by cheap instruments; not on a line that a running gateway polls
  --listen-first TIME without a site: how long to listen before the first request; 10s without it
  --add               add what was found to the site file, after asking; the site's check has to pass
  --point POINT       with --add: the monitoring point that they serve
  --yes               agree beforehand, without being asked: to --also-speeds, and to --add what is clear
  --json              print one JSON object

Exit code: 0 when something was found, 1 when not, 2 when the arguments or the site file are wrong.

  fenceline scan --site /var/lib/fenceline --link rs485-1
  fenceline scan --serial /dev/ttyUSB0 --speed 4800-8N1 --addresses 1-10`;

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values, positionals } = parseArguments(args, {
      site: { type: 'string' },
      link: { type: 'string' },
      serial: { type: 'string' },
      speed: { type: 'string' },
      tcp: { type: 'string' },
      addresses: { type: 'string', default: `${lowestAddress}-${highestAddress}` },
      'listen-first': { type: 'string' },
      meters: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      add: { type: 'boolean', default: false },
      point: { type: 'string' },
      yes: { type: 'boolean', default: false },
      'also-speeds': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    if (positionals.length > 0) throw new BadInput(`${positionals[0]} is not understood`);
    const addresses = parseAddresses(values.addresses);
    if (addresses === undefined) throw new BadInput('--addresses takes numbers from 1 to 255, such as 1-20,100');
    const named = [values.site, values.serial, values.tcp].filter((one) => one !== undefined);
    if (named.length !== 1) throw new BadInput('give one of --site, --serial and --tcp');
    if (values.add && values.site === undefined) throw new BadInput('--add needs --site: it writes to the site file');
    if (values.add && values.json) throw new BadInput('--add and --json exclude each other');
    const { add, point, yes, meters, quick: isQuick, json: asJson, 'also-speeds': alsoSpeeds } = values;
    const choice = { addresses, isQuick, meters, asJson, add, point, yes, alsoSpeeds };
    if (values.site !== undefined) return scanSite(siteDirectory(values.site), values.link, choice, terminal);
    const { serial, speed, tcp, 'listen-first': listenFirst } = values;
    return scanTarget(directTarget({ serial, speed, tcp, listenFirst }), choice, terminal);
  },
};
