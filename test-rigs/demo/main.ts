import { parseArgs } from 'node:util';

const usage = `npm start                              the demo, with its screen
npm start -- --seconds 60 --json       unattended: cuts the uplink for a third of the time, ends with one JSON line

  --seconds N   how long to run unattended, 6 to 86400
  --json        the last line is the summary as JSON; without it, as text`;

const { values } = parseArgs({
  options: { seconds: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
});

const quit = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => quit.abort());

/** Resolves to the exit code: 0 all well, 1 something is missing or wrong, 2 wrong arguments. */
async function run(): Promise<number> {
  const seconds = Number(values.seconds ?? 60);
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (!Number.isFinite(seconds) || seconds < 6 || seconds > 86_400) {
    console.error(`--seconds ${values.seconds}: write a number from 6 to 86400\n\n${usage}`);
    return 2;
  }
  if (values.seconds === undefined && !values.json) {
    const { runAttended } = await import('./attended.ts');
    return runAttended(quit);
  }
  const { runUnattended } = await import('./unattended.ts');
  const { summary, complete } = await runUnattended(seconds, (text) => console.error(text), quit.signal);
  console.log(
    values.json
      ? JSON.stringify(summary)
      : Object.entries(summary)
          .map(([k, v]) => `${k}: ${v}`)
          .join('\n'),
  );
  return complete ? 0 : 1;
}

process.exitCode = await run();
