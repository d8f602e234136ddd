import type { Command } from 'commander';
import type { DescribeFlags } from './action.ts';
import type { Finish } from '../finish.ts';
import { cropHelp, explainInputHelp } from '../../flags/input-help.ts';

/** The flags of `gradcam describe`; its work is loaded when it runs. */
export function addDescribe(program: Command, finish: Finish): void {
  program
    .command('describe')
    .description('say what is known of a model and from where; --write keeps what you state')
    .argument('<model>', 'folder, JSON, address or id of a tfjs model')
    .option('--models <dir>', 'where models are looked for first')
    .option('--write', 'write what the flags state into gradcam.json beside the model')
    .option('--labels <file>', 'class names: lines, numbered or not, a table, JSON or YAML')
    .option('--input-range <range>', '0..255, 0..1 or -1..1 (write --input-range=-1..1)')
    .option('--mean <a,b,c>', "taken off after the range, in the model's channel order")
    .option('--std <a,b,c>', 'divided by after the mean')
    .option('--channels <order>', 'rgb or bgr')
    .option('--fit <how>', 'crop, squash or letterbox')
    .option('--crop <share>', cropHelp)
    .option('--resize <filter>', 'bilinear, bicubic or lanczos, each with antialiasing')
    .option('--input-size <HxW>', 'for a model that leaves it open, as 224x224, the default')
    .option('--explain-input <name>', explainInputHelp)
    .option('--json', 'print one JSON object')
    .option('--quiet', 'print nothing but errors')
    .option('--debug', 'stacks of errors')
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
