import { spawnAhead } from './model-thread/spawn-thread.ts';

// First of all, and so nothing else is imported here.
if (process.argv[2] === 'explain') spawnAhead();

const { runCommandLine } = await import('./command-line.ts');
await runCommandLine();
