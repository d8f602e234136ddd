import { listArchitectures } from '@gradcam/converter';
import type { Command } from 'commander';
import type { ConvertFlags } from './action.ts';
import type { Finish } from '../finish.ts';
import { dtypeHelp } from '../../conversion/dtype-help.ts';

/** The flags of `gradcam convert`; its work is loaded when it runs. */
export function addConvert(program: Command, finish: Finish): void {
  const ids = listArchitectures().map(({ id }) => id);
  program
    .command('convert')
    .description('convert a weight file into a tfjs LayersModel')
    .argument('<source>', '.npy, .npz, checkpoint (file or prefix), .tar.gz, .gz, or a tfjs model')
    .option(
      '--arch <name>',
      `architecture of the weights (a tfjs model has its own): ${ids.join(', ')}`,
    )
    .option('--dtype <name>', dtypeHelp, 'float32')
    .requiredOption('--out <dir>', 'folder to write the model to')
    .option('--id <name>', 'id of the model; default: the id of the architecture')
    .option('--no-probe', 'skip the run of the model whose result is stored for inspect --verify')
    .option('--quiet', 'print nothing but the folder and errors')
    .option('--debug', 'print the names of unused tensors, and stack traces of errors')
    .addHelpText('after', convertExamples)
    .action(async (source: string, flags: ConvertFlags) =>
      finish(await (await import('./action.ts')).runConvert(source, flags)),
    );
}

const convertExamples = `
Examples:
  gradcam convert vgg16.npy --arch vgg16 --out models/vgg16
  gradcam convert models/vgg16 --dtype uint8 --out models/vgg16-small
`;
