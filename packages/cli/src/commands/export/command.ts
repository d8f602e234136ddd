import { listExportable } from '@gradcam/core/export';
import type { Command } from 'commander';
import type { ExportFlags } from './action.ts';
import type { Finish } from '../finish.ts';

/** The flags of `gradcam export`; its work is loaded when it runs. */
export function addExport(program: Command, finish: Finish): void {
  const names = listExportable().map(({ name }) => name);
  program
    .command('export')
    .description('write a model with one explanation as an ONNX file: image in, heatmap out')
    .requiredOption(
      '--model <dir|id>',
      'a tfjs LayersModel: its folder, its JSON, its address, or an id',
    )
    .requiredOption('--out <file>', 'the ONNX file; one of that name is replaced')
    .option('--method <name>', names.join(', '), 'grad-cam')
    .option('--layer <name>', 'auto, an endpoint or a layer', 'auto')
    .option(
      '--target <target>',
      'argmax, a class (242, boxer, n02108089), not:242, 242:281; or input: asked at run time',
      'argmax',
    )
    .option('--pixels <type>', 'of the input image: float32 or uint8, 0..255 either way', 'float32')
    .option('--precision <type>', 'of preprocessing and map: float64 or float32', 'float64')
    .option('--external-data', 'weights in a file beside the model, as above 2 GiB in any case')
    .option('--models <dir>', 'where models are looked for first')
    .option('--input-range <range>', '0..255, 0..1 or -1..1 (write --input-range=-1..1)')
    .option('--input-size <HxW>', 'for a model that leaves it open, as 224x224, the default')
    .option('--mean <a,b,c>', "taken off after the range, in the model's channel order")
    .option('--std <a,b,c>', 'divided by after the mean')
    .option('--channels <order>', 'rgb or bgr')
    .option('--output <name|n>', 'which of several outputs is explained: its layer, or 0, 1, ..')
    .option('--labels <file>', 'class names: synset lines, plain lines or JSON')
    .option('--json', 'print files, inputs, outputs and metadata as one JSON object')
    .option('--quiet', 'print nothing but the file and errors')
    .option('--debug', 'stacks of errors')
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
