import { listExportable } from '@gradcam/core/export';
import type { Command } from 'commander';
import type { ExportFlags } from './action.ts';
import type { Finish } from '../finish.ts';
import { boxesHelp, cropHelp } from '../../flags/input-help.ts';

/** The flags of `gradcam export`; its work is loaded when it runs. */
export function addExport(program: Command, finish: Finish): void {
  const names = listExportable().map(({ name }) => name);
  program
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
    )
    .option('--models <dir>', 'folder that is searched for models first')
    .option('--input-range <range>', '0..255, 0..1 or -1..1 (write --input-range=-1..1)')
    .option(
      '--input-size <HxW>',
      'height and width, for a model that leaves them open; default 224x224',
    )
    .option('--mean <a,b,c>', "subtracted after scaling to the range; in the model's channel order")
    .option('--std <a,b,c>', 'divides the values after the mean is subtracted')
    .option('--channels <order>', "channel order of the model's input: rgb or bgr")
    .option('--fit <how>', 'how the file says that pictures are fitted: crop, squash or letterbox')
    .option('--crop <share>', cropHelp)
    .option(
      '--resize <filter>',
      'filter for resizing: bilinear, bicubic or lanczos, each with antialiasing',
    )
    .option('--boxes <how>', boxesHelp)
    .option(
      '--output <name|n>',
      'output to explain, for a model with several: the name of its layer, or 0, 1, ..',
    )
    .option('--labels <file>', 'file of class names: lines, numbered or not, a table, JSON or YAML')
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
