import type { Command } from 'commander';
import type { FetchFlags } from './action.ts';
import type { Finish } from '../finish.ts';
import { dtypeHelp } from '../../conversion/dtype-help.ts';

/** The flags of `gradcam fetch`; its work is loaded when it runs. */
export function addFetch(program: Command, finish: Finish): void {
  program
    .command('fetch')
    .description('download published weights and convert them; without ids: vgg16 and two ResNets')
    .argument('[ids...]', 'as `gradcam models` lists them')
    .option(
      '--models <dir>',
      'folder to write the models to',
      process.env['GRADCAM_MODELS'] ?? 'models',
    )
    .option('--source <file|url>', 'file or address to use instead of the published one')
    .option('--dtype <name>', dtypeHelp, 'float32')
    .option('--cache <dir>', "folder for downloads; default: in the user's cache")
    .option('--offline', 'use only what is already downloaded')
    .option('--no-probe', 'skip the run of the model whose result is stored for inspect --verify')
    .option('--quiet', 'print nothing but the folders and errors')
    .option('--debug', 'print the names of unused tensors, and stack traces of errors')
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
