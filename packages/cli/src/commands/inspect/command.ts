import type { Command } from 'commander';
import type { Finish } from '../finish.ts';
import type { InspectFlags } from './action.ts';
import { addSharedFlags } from '../../flags/shared-flags.ts';
import { engineNames } from '../../models/open-engine.ts';

/** The flags of `gradcam inspect`; its work is loaded when it runs. */
export function addInspect(program: Command, finish: Finish): void {
  const command = program
    .command('inspect')
    .description("show a model's layers, or the tensors of a weight file")
    .argument(
      '<model|file>',
      'folder, JSON, web address or id of a model; .npy, .npz, checkpoint, ..',
    );
  addSharedFlags(command, ['models', 'inputSize', 'explainInput', 'boxes'])
    .option('--json', 'print one JSON object')
    .option(
      '--verify',
      'check the sha256 of each shard, and on an engine the result stored at conversion',
    )
    .option('--engine <name>', engineNames.join(', '), 'auto')
    .option('--debug', 'print stack traces of errors')
    .addHelpText('after', inspectExamples)
    .action(async (model: string, flags: InspectFlags) =>
      finish(await (await import('./action.ts')).runInspect(model, flags)),
    );
}

const inspectExamples = `
Examples:
  gradcam inspect demo-resnet
  gradcam inspect demo-resnet --verify --engine wasm
  gradcam inspect resnet_v1_50.ckpt --json
`;
