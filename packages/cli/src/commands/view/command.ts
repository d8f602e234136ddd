import type { Command } from 'commander';
import type { Finish } from '../finish.ts';
import type { ViewFlags } from './action.ts';

/** The flags of `gradcam view`; its work is loaded when it runs. */
export function addView(program: Command, finish: Finish): void {
  program
    .command('view')
    .description('show a run in the browser, or explain images live; served to this machine only')
    .argument('[run]', 'run folder; without one, the live page opens')
    .option('--models <dir>', 'folder of models for the live page')
    .option('--port <number>', 'port of the page; default: any free port')
    .option('--against <run>', 'a second run, of another model or method, to compare it with')
    .option('--export <file>', 'write the run into one HTML file that opens without a server')
    .option(
      '--images <words>',
      'with --export: only images whose path or classes contain these words',
    )
    .option('--only <kind>', 'with --export: only images that are wrong, failed or blank')
    .option('--class <name>', 'with --export: only images predicted as this class')
    .option('--true-class <name>', 'with --export: only images of this true class')
    .option(
      '--certainty <range>',
      'with --export: only predictions that are unsure (below 50 %), between, or sure (90 % and above)',
    )
    .option('--limit <number>', 'with --export: at most this many images; default 100')
    .option(
      '--format <kind>',
      'with --export: pictures as webp or jpeg, with at most 1200 pixels a side; default kept, as they are',
    )
    .option(
      '--evaluation',
      'with --export: the page of the evaluation in the folder, and not that of its run',
    )
    .option('--sizes', 'with --export: print how large the file would be, and write nothing')
    .option('--debug', 'print stack traces of errors')
    .addHelpText('after', viewExamples)
    .action(async (run: string | undefined, flags: ViewFlags) =>
      finish(await (await import('./action.ts')).runView(run, flags)),
    );
}

const viewExamples = `
Examples:
  gradcam view runs/first
  gradcam view --models models
  gradcam view runs/first --export first.html --images cat --limit 20
  gradcam view runs/first --export wrong.html --only wrong --format webp
`;
