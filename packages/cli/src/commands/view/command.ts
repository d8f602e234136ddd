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
    .option('--limit <number>', 'with --export: at most this many images; default 100')
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
`;
