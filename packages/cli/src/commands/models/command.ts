import type { Command } from 'commander';
import type { Finish } from '../finish.ts';
import type { ModelsFlags } from './action.ts';

/** The flags of `gradcam models`; its work is loaded when it runs. */
export function addModels(program: Command, finish: Finish): void {
  program
    .command('models')
    .description('list the models that can be fetched and those on this machine')
    .option('--models <dir>', 'folder that is searched for models first')
    .option('--json', 'print one JSON list')
    .addHelpText('after', modelsExamples)
    .action(async (flags: ModelsFlags) =>
      finish(await (await import('./action.ts')).runModels(flags)),
    );
}

const modelsExamples = `
Examples:
  gradcam models
  gradcam models --models ~/nets --json
`;
