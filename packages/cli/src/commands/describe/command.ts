import type { Command } from 'commander';
import type { DescribeFlags } from './action.ts';
import { addSharedFlags } from '../../flags/shared-flags.ts';
import type { Finish } from '../finish.ts';

/** The flags of `gradcam describe`; its work is loaded when it runs. */
export function addDescribe(program: Command, finish: Finish): void {
  const command = program
    .command('describe')
    .description(
      'show what is known about a model and which file says so; --write saves what you state',
    )
    .argument('<model>', 'folder, JSON, web address or id of a tfjs model');
  addSharedFlags(command, ['models']).option(
    '--write',
    'save what the flags state in gradcam.json beside the model',
  );
  addSharedFlags(command, ['labels', 'inputRange', 'mean', 'std', 'channels']).option(
    '--fit <how>',
    'how a picture is fitted to the input: crop, squash or letterbox',
  );
  addSharedFlags(command, ['crop', 'resize', 'inputSize', 'explainInput', 'boxes'])
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
