import { spawnAhead } from './model-thread/spawn-thread.ts';

// Runs before everything else, which is why this file imports nothing else statically.
if (process.argv[2] === 'explain') spawnAhead();

const { runCommandLine } = await import('./command-line.ts');
await runCommandLine();
