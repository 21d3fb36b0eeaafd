import { parseArgs } from 'node:util';
import { auditText, isClean } from './audit.ts';
import { Platform } from './platform.ts';

/** The reference platform as a process: runs until a signal, then prints its audit and exits 0 when it is clean. */
const usage = 'node test-rigs/platform/main.ts --url mqtt://host:1883 [--protocol 3.1.1|5] [--file FILE] [--json]';

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    protocol: { type: 'string', default: '5' },
    file: { type: 'string', default: ':memory:' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help || values.url === undefined) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}

const protocol = values.protocol === '3.1.1' ? '3.1.1' : '5';
const platform = new Platform({ url: values.url, protocol, file: values.file });

async function finish(): Promise<void> {
  const audit = platform.audit();
  await platform.stop();
  console.log(values.json ? JSON.stringify(audit) : auditText(audit));
  process.exit(isClean(audit) ? 0 : 1);
}

process.once('SIGINT', () => void finish());
process.once('SIGTERM', () => void finish());
await platform.start();
if (!values.json) console.log(`listening at ${values.url}`);
