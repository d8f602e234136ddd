import type { Command } from 'commander';
import type { DescribeFlags } from './action.ts';
import type { Finish } from '../finish.ts';
import { boxesHelp, cropHelp, explainInputHelp } from '../../flags/input-help.ts';

/** The flags of `gradcam describe`; its work is loaded when it runs. */
export function addDescribe(program: Command, finish: Finish): void {
  program
    .command('describe')
    .description(
      'show what is known about a model and which file says so; --write saves what you state',
    )
    .argument('<model>', 'folder, JSON, web address or id of a tfjs model')
    .option('--models <dir>', 'folder that is searched for models first')
    .option('--write', 'save what the flags state in gradcam.json beside the model')
    .option('--labels <file>', 'file of class names: lines, numbered or not, a table, JSON or YAML')
    .option('--input-range <range>', '0..255, 0..1 or -1..1 (write --input-range=-1..1)')
    .option('--mean <a,b,c>', "subtracted after scaling to the range; in the model's channel order")
    .option('--std <a,b,c>', 'divides the values after the mean is subtracted')
    .option('--channels <order>', "channel order of the model's input: rgb or bgr")
    .option('--fit <how>', 'how a picture is fitted to the input: crop, squash or letterbox')
    .option('--crop <share>', cropHelp)
    .option(
      '--resize <filter>',
      'filter for resizing: bilinear, bicubic or lanczos, each with antialiasing',
    )
    .option(
      '--input-size <HxW>',
      'height and width, for a model that leaves them open; default 224x224',
    )
    .option('--explain-input <name>', explainInputHelp)
    .option('--boxes <how>', boxesHelp)
    .option('--json', 'print one JSON object')
    .option('--quiet', 'print nothing but errors')
    .option('--debug', 'print stack traces of errors')
    .addHelpText('after', describeExamples)
    .action(async (model: string, flags: DescribeFlags) =>
      finish(await (await import('./action.ts')).runDescribe(model, flags)),
    );
}

const describeExamples = `
Examples:
  gradcam describe ./my-model
  gradcam describe ./my-model --labels labels.txt --input-range=-1..1 --write
`;
