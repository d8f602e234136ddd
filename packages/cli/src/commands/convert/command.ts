import { listArchitectures, listTorchIds } from '@gradcam/converter';
import type { Command } from 'commander';
import type { ConvertFlags } from './action.ts';
import type { Finish } from '../finish.ts';
import { addSharedFlags } from '../../flags/shared-flags.ts';
import { dtypeHelp } from '../../conversion/dtype-help.ts';

/** The flags of `gradcam convert`; its work is loaded when it runs. */
export function addConvert(program: Command, finish: Finish): void {
  const ids = listArchitectures().map(({ id }) => id);
  const command = program
    .command('convert')
    .description('convert a weight file, or a model of Keras or TensorFlow, into a model of tfjs')
    .argument(
      '<source>',
      '.pth, .pt or .safetensors, .h5 or .keras, SavedModel or frozen .pb, .npy, .npz, checkpoint (file or prefix), .tar.gz, .gz, or a tfjs model',
    )
    .option(
      '--arch <name>',
      `architecture of the weights (a model of Keras, TensorFlow or tfjs has its own): ${ids.join(', ')}; of files of PyTorch, where it is not recognised: ${listTorchIds().join(', ')}; of weights of Keras alone, where it is not beside them: a .json file that model.to_json() wrote`,
    )
    .option(
      '--head <modules>',
      'modules of the head of a net of PyTorch, which files of weights do not hold, such as linear,gelu,dropout,linear or linear,sigmoid; or the function between all linear layers; default: relu',
    )
    .option(
      '--signature <name>',
      'signature of a SavedModel; default: serving_default, or the only one',
    )
    .option(
      '--output <names>',
      'outputs of a frozen graph: names of nodes with commas between; default: those that no other node takes',
    )
    .option('--dtype <name>', dtypeHelp, 'float32')
    .requiredOption('--out <dir>', 'folder to write the model to')
    .option(
      '--id <name>',
      'id of the model; default: that of the architecture, or the name of the model',
    )
    .addHelpText('after', convertExamples);
  addSharedFlags(command, ['labels', 'inputRange', 'mean', 'std', 'channels', 'inputSize'])
    .option('--no-probe', 'skip the run of the model whose result is stored for inspect --verify')
    .option('--quiet', 'print nothing but the folder and errors')
    .option('--debug', 'print the names of unused tensors, and stack traces of errors')
    .action(async (source: string, flags: ConvertFlags) =>
      finish(await (await import('./action.ts')).runConvert(source, flags)),
    );
}

const convertExamples = `
Examples:
  gradcam convert net.keras --out models/net --labels labels.txt --input-range=-1..1
  gradcam convert resnet50.pth --out models/resnet50
  gradcam convert flowers.pth --head linear,gelu,dropout,linear --out models/flowers
  gradcam convert saved-model --out models/saved --input-range 0..255
  gradcam convert vgg16.npy --arch vgg16 --out models/vgg16
  gradcam convert models/vgg16 --dtype uint8 --out models/vgg16-small
`;
