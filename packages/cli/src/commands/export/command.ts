import { listExportable } from '@gradcam/core/export';
import type { Command } from 'commander';
import type { ExportFlags } from './action.ts';
import { addSharedFlags } from '../../flags/shared-flags.ts';
import type { Finish } from '../finish.ts';

/** The flags of `gradcam export`; its work is loaded when it runs. */
export function addExport(program: Command, finish: Finish): void {
  const names = listExportable().map(({ name }) => name);
  const command = program
    .command('export')
    .description('write a model with one explanation as an ONNX file: image in, heatmap out')
    .requiredOption(
      '--model <dir|id>',
      'tfjs LayersModel: its folder, its JSON, its web address, or an id',
    )
    .requiredOption('--out <file>', 'ONNX file to write; replaces a file of that name')
    .option('--method <name>', names.join(', '), 'grad-cam')
    .option('--layer <name>', 'auto, an endpoint or a layer', 'auto')
    .option(
      '--target <target>',
      'argmax, a class (242, boxer, n02108089), not:242, 242:281; or input: the class becomes an input of the file',
      'argmax',
    )
    .option(
      '--pixels <type>',
      "type of the input's pixels: float32 or uint8, both 0..255",
      'float32',
    )
    .option(
      '--precision <type>',
      'precision of preprocessing and map: float64 or float32',
      'float64',
    )
    .option(
      '--external-data',
      'write the weights into a file beside the model; always so above 2 GiB',
    );
  addSharedFlags(command, ['models', 'inputRange', 'inputSize', 'mean', 'std', 'channels']).option(
    '--fit <how>',
    'how the file says that pictures are fitted: crop, squash or letterbox',
  );
  addSharedFlags(command, ['crop', 'resize', 'boxes', 'output', 'labels'])
    .option('--json', 'print files, inputs, outputs and metadata as one JSON object')
    .option('--quiet', 'print nothing but the file and errors')
    .option('--debug', 'print stack traces of errors')
    .addHelpText('after', exportExamples)
    .action(async (flags: ExportFlags) =>
      finish(await (await import('./action.ts')).runExport(flags)),
    );
}

const exportExamples = `
Examples:
  gradcam export --model demo-resnet --out explained.onnx
  gradcam export --model demo-resnet --method layer-cam --layer block2 --target cat --out cat.onnx
`;
