import type { Command } from 'commander';
import type { Finish } from '../finish.ts';
import { addSharedFlags } from '../../flags/shared-flags.ts';
import type { ModelsFlags } from './action.ts';

/** The flags of `gradcam models`; its work is loaded when it runs. */
export function addModels(program: Command, finish: Finish): void {
  const command = program
    .command('models')
    .description('list the models that can be fetched and those on this machine');
  addSharedFlags(command, ['models'])
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
