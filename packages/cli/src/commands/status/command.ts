import type { Command } from 'commander';
import { queueHelp } from '../../flags/queue-address.ts';
import type { Finish } from '../finish.ts';
import type { StatusFlags } from './action.ts';

/** The flags of `gradcam status`; its work is loaded when it runs. */
export function addStatus(program: Command, finish: Finish): void {
  program
    .command('status')
    .description('show the jobs of shared runs in a queue, and the workers at it')
    .requiredOption('--queue <address>', queueHelp)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  gradcam status --queue redis://localhost:6379
`,
    )
    .action(async (flags: StatusFlags) => {
      const { runStatus } = await import('./action.ts');
      finish(await runStatus(flags));
    });
}
