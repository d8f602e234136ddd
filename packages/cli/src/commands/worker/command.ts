import type { Command } from 'commander';
import { queueHelp } from '../../flags/queue-address.ts';
import { engineNames } from '../../models/open-engine.ts';
import type { Finish } from '../finish.ts';
import type { WorkFlags } from './action.ts';

/** The flags of `gradcam work`; its work is loaded when it runs. */
export function addWork(program: Command, finish: Finish): void {
  program
    .command('work')
    .description('take part in shared runs: do the jobs that gradcam explain --queue adds')
    .requiredOption('--queue <address>', queueHelp)
    .option(
      '--root <dir>',
      'the folder that all machines see; nothing outside is read or written for a job; default: the current folder',
    )
    .option(
      '--model <dir|id>',
      "this machine's copy of the model; default: where the run found it, or its id in --models",
    )
    .option('--models <dir>', 'folder of models; default: $GRADCAM_MODELS, ./models, the cache')
    .option('--engine <name>', engineNames.join(', '), 'auto')
    .option('--threads <number>', 'CPU threads of the engine; default: all cores it may use')
    .option(
      '--lost-after <seconds>',
      'a job goes to another worker when its own has given no sign of life for so long',
      '30',
    )
    .option('--idle <seconds>', 'end after so long without a job; default: wait for ever')
    .option('--quiet', 'print nothing but errors')
    .option('--debug', 'print each job, what was chosen and why, and stack traces of errors')
    .addHelpText(
      'after',
      `
SIGTERM or Ctrl-C: the images in the engine are finished, and the rest of the jobs goes back to the queue.

Examples:
  gradcam work --queue redis://localhost:6379
  gradcam work --queue rediss://queue.example:6379/1 --root /mnt/shared --threads 4 --idle 600
`,
    )
    .action(async (flags: WorkFlags) => {
      const { runWork } = await import('./action.ts');
      finish(await runWork(flags));
    });
}
