import { methods } from '@gradcam/core';
import { Option, type Command } from 'commander';
import { collect } from '../../flags/collect.ts';
import { addSharedFlags } from '../../flags/shared-flags.ts';
import { engineNames } from '../../models/open-engine.ts';
import type { Finish } from '../finish.ts';
import { replacementKinds, scoreKinds } from '../../metrics/metric-choices.ts';
import type { EvaluateFlags } from './flags.ts';
import { metricNames } from '../../metrics/metrics.ts';

/** Adds the command to the program; its work is loaded when it runs. */
export function addEvaluate(program: Command, finish: Finish): void {
  const command = program
    .command('evaluate')
    .description('measure how far the maps of methods can be believed, against baselines')
    .argument(
      '<images...>',
      'files, folders or patterns, or one run folder, whose images are taken',
    )
    .requiredOption(
      '--model <dir|id>',
      'model: its folder, its JSON, .onnx, .keras, .h5, .pth or .safetensors file, its web address, or an id',
    )
    .option(
      '--out <dir>',
      'folder for evaluation.json, .csv and .md; default for a run: the run folder',
    )
    .option('--resume', 'finish the evaluation in --out; images that are done are kept')
    .option(
      '--method <names>',
      `${methods.map(({ name }) => name).join(', ')}; default: those of the run, else grad-cam`,
    )
    .addOption(
      new Option(
        '--target <target>',
        'class to explain: top1, top3, 242, boxer, n02108089; repeatable; default: those of the run, else top1; with --boxes the annotated classes',
      )
        .argParser(collect)
        .default([], ''),
    )
    .option('--ask <question>', 'question about every image, for a model that answers questions')
    .option(
      '--questions <csv>',
      'table image,question: questions about each image, one or more; default for a run: its questions',
    )
    .option('--layer <name>', 'layer of the maps; default: that of the run, else auto')
    .option(
      '--metric <names>',
      `${metricNames.join(', ')}; default: deletion,insertion,drop,sparseness, and with --boxes pointing,localisation`,
    )
    .option(
      '--boxes <file|dir>',
      'where the objects are: a COCO file (.json), a folder of VOC files (<image>.xml), or a folder of masks (<class>/<image>.png)',
    )
    .option('--score <kind>', `score that metrics follow: ${scoreKinds.join(', ')}`, scoreKinds[0])
    .option('--steps <number>', 'steps of deletion and insertion', '20')
    .option(
      '--replace <what>',
      `what deletion puts in place of a pixel: ${replacementKinds.join(', ')}; zero is on the model's own scale, mean the image's mean colour`,
      replacementKinds[0],
    )
    .option('--seed <number>', 'seed of noise, random squares and the bootstrap', '1')
    .option('--runs <number>', 'how many passes a method that needs many may use')
    .option('--batch <number>', 'how many inputs go into one pass', '8')
    .option('--engine <name>', engineNames.join(', '), 'auto')
    .option('--threads <number>', 'CPU threads of the engine; default: all cores it may use');
  addSharedFlags(command, ['models', 'inputRange', 'inputSize', 'mean', 'std', 'channels']).option(
    '--fit <how>',
    'how a picture is fitted to the input: crop, squash or letterbox; default: as the model states',
  );
  addSharedFlags(command, ['crop', 'resize', 'labels'])
    .option('--json', 'print evaluation.json in place of the table')
    .option('--quiet', 'print nothing but the table and errors')
    .option('--debug', 'print what was chosen and why, and stack traces of errors')
    .addHelpText('after', evaluateHelp)
    .action(async (images: string[], flags: EvaluateFlags) => {
      const { runEvaluate } = await import('./action.ts');
      finish(await runEvaluate(images, flags));
    });
}

const evaluateHelp = `
The table has a row for each method and for three baselines that know nothing of the class: random-cam, a blob
in the centre, and the edges of the image. Each number is a mean over images with a 95 % bootstrap interval;
below the table stands which methods do not beat which baseline.

Examples:
  gradcam evaluate photos --model demo-resnet --method grad-cam,layer-cam --out runs/evidence
  gradcam evaluate runs/first --model demo-resnet --metric deletion,road
  gradcam evaluate scenes --model demo-resnet --boxes scenes/coco.json --out runs/localisation
`;
