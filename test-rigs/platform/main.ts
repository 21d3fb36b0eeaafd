import { parseArgs } from 'node:util';
import { auditText, isClean } from './audit.ts';
import { importExport } from './import-export.ts';
import { Platform } from './platform.ts';

/**
 * The reference platform as a process: runs until a signal, then prints its audit and exits 0 when it is clean. Without
 * a broker it only takes exports.
 */
const usage = [
  'node test-rigs/platform/main.ts --url mqtt://host:1883 [--protocol 3.1.1|5] [--file FILE] [--json]',
  'node test-rigs/platform/main.ts --import DIRECTORY [--file FILE] [--enrolled GATEWAY=KEY] [--json]',
].join('\n');

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    import: { type: 'string' },
    enrolled: { type: 'string' },
    protocol: { type: 'string', default: '5' },
    file: { type: 'string', default: ':memory:' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help || (values.url === undefined && values.import === undefined)) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}

const protocol = values.protocol === '3.1.1' ? '3.1.1' : '5';
const [enrolledGateway, enrolledKey] = /^([^=]+)=(.+)$/.exec(values.enrolled ?? '')?.slice(1) ?? [];
const enrolled =
  enrolledGateway === undefined || enrolledKey === undefined ? {} : { enrolled: { [enrolledGateway]: enrolledKey } };
const offline = { receiptAfter: null, line: { start: () => {}, publish: () => {}, stop: async () => {} } };
const where = values.url === undefined ? offline : { url: values.url };
const platform = new Platform({ ...where, protocol, file: values.file, ...enrolled });

async function finish(isWell = true): Promise<void> {
  const audit = platform.audit();
  await platform.stop();
  console.log(values.json ? JSON.stringify(audit) : auditText(audit));
  process.exit(isWell && isClean(audit) ? 0 : 1);
}

if (values.url !== undefined) {
  process.once('SIGINT', () => void finish());
  process.once('SIGTERM', () => void finish());
  await platform.start();
  if (!values.json) console.log(`listening at ${values.url}`);
}
if (values.import !== undefined) {
  const { taken, again, faults } = await importExport(platform, values.import);
  for (const fault of faults) console.error(fault);
  console.error(faults.length === 0 ? `${taken} entries taken, ${again} were here` : 'the export was refused');
  if (values.url === undefined) await finish(faults.length === 0);
}
