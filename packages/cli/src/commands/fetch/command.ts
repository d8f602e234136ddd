import type { Command } from 'commander';
import type { FetchFlags } from './action.ts';
import type { Finish } from '../finish.ts';
import { dtypeHelp } from '../../conversion/dtype-help.ts';

/** The flags of `gradcam fetch`; its work is loaded when it runs. */
export function addFetch(program: Command, finish: Finish): void {
  program
    .command('fetch')
    .description('download published weights and convert them; without ids vgg16 and two ResNets')
    .argument('[ids...]', 'as `gradcam models` lists them')
    .option('--models <dir>', 'folder of the models', process.env['GRADCAM_MODELS'] ?? 'models')
    .option('--source <file|url>', 'takes the place of the published address')
    .option('--dtype <name>', dtypeHelp, 'float32')
    .option('--cache <dir>', "folder for downloads; in the user's cache by default")
    .option('--offline', 'use what is downloaded already')
    .option('--no-probe', 'do not run the model once to store the result for later checks')
    .option('--quiet', 'print nothing but the folders and errors')
    .option('--debug', 'name what was left out; stacks of errors')
    .addHelpText('after', fetchExamples)
    .action(async (ids: string[], flags: FetchFlags) =>
      finish(await (await import('./action.ts')).runFetch(ids, flags)),
    );
}

const fetchExamples = `
Examples:
  gradcam fetch demo-resnet
  gradcam fetch resnet_v1_50 --models ~/nets --dtype float16
  gradcam fetch vgg16 --source ./vgg16.npy --offline
`;
