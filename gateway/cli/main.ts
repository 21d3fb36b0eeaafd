import { enableCompileCache } from 'node:module';

// Before anything else is loaded: on a small box, compiling is most of what a start costs.
enableCompileCache();

const { runCommandLine } = await import('./command-line.ts');
const { systemTerminal } = await import('./terminal.ts');

process.exitCode = await runCommandLine(process.argv.slice(2), systemTerminal());
