import { boxRules, gradientStyles, methods, MOST_BEAMS, presets } from '@gradcam/core';
import {
  colourings,
  defaultEvidence,
  overlayModes,
  pictureFormats,
  saveKinds,
} from '@gradcam/runs';
import { Option, type Command } from 'commander';
import type { Finish } from '../finish.ts';
import type { StatedFlags } from './name-run.ts';
import { takeThread } from '../../model-thread/spawn-thread.ts';
import { collect } from '../../flags/collect.ts';
import { addSharedFlags } from '../../flags/shared-flags.ts';
import { engineNames } from '../../models/open-engine.ts';

/** The flags of `gradcam explain`; its work is loaded when it runs. */
export function addExplain(program: Command, finish: Finish): void {
  const command = program
    .command('explain')
    .description('explain what a model predicts for images; writes a run folder')
    .argument('<images...>', 'files, folders, patterns, web addresses, or - for a list on stdin')
    .requiredOption(
      '--model <dir|id>',
      'model: its folder, its JSON, .onnx, .keras, .h5, .pth or .safetensors file, its web address, or an id',
    )
    .option(
      '--out <dir>',
      'run folder to write; must not hold a run yet, except with --resume; default: runs/<model>-<time>',
    )
    .option('--resume', 'finish the run in --out; images that are done are kept')
    .option(
      '--truth <dir|csv>',
      'true classes: a folder with one folder of images for each class, or a CSV table path,class',
    )
    .option(
      '-0, --null',
      'names in the list on stdin end with a zero byte, as find -print0 writes them',
    )
    .option(
      '--queue <address>',
      'share the work: add it as jobs to the Redis or Valkey server at redis://host:port, for gradcam work',
    )
    .option(
      '--root <dir>',
      'with --queue: the folder that all workers see, with the images and --out; default: the current folder',
    )
    .option('--job-images <number>', 'with --queue: the most images of a job', '32')
    .option(
      '--job-megabytes <number>',
      "with --queue: the most megabytes of a job's image files",
      '64',
    )
    .option(
      '--detach',
      'with --queue: end when the jobs are in the queue; --resume --queue takes the outcomes later',
    )
    .option('--method <names>', methods.map(({ name }) => name).join(', '), 'grad-cam')
    .addOption(new Option('--target <target>', targetHelp).argParser(collect).default([], 'top1'))
    .option(
      '--ask <question>',
      'question about every image, for a model that answers questions; --target explains its answers',
    )
    .option(
      '--questions <csv>',
      'table image,question[,answer]: questions about each image, one or more; answers are compared',
    )
    .option(
      '--caption',
      'let a model that writes captions describe every image; explains each word and the sentence',
    )
    .option(
      '--say <caption>',
      "explain this caption of every image, and compare it with the model's own",
    )
    .option(
      '--beams <number>',
      `captions that the model continues at each word of its own, 1 to ${MOST_BEAMS}; default: 1`,
    )
    .option(
      '--layer <names>',
      'auto, or layers and endpoints separated by commas; a+b fuses two into one map',
      'auto',
    )
    .option('--engine <name>', engineNames.join(', '), 'auto')
    .option('--runs <number>', 'how many passes a method that needs many may use')
    .option(
      '--batch <number>',
      'how many images one pass takes, and how many inputs of one image for methods that need many passes; default: as many as memory allows, at most 8',
    )
    .option('--threads <number>', 'CPU threads of the engine; default: all cores it may use')
    .option(
      '--like <peer>',
      `show maps as another library does: ${presets.map(({ name }) => name).join(', ')}`,
    )
    .option('--save <kinds>', saveKinds.join(', '), 'overlay,heatmap,raw')
    .option('--colormap <name>', colourings.join(', '), colourings[0])
    .option(
      '--gradients <how>',
      `${gradientStyles.join(', ')}: maps at pixels in their own colours on gray; the channels' sum in red and blue; the largest channel in --colormap`,
      gradientStyles[0],
    )
    .option('--alpha <share>', 'opacity of the colours in the overlay, 0..1', '0.5')
    .option(
      '--overlay <how>',
      `${overlayModes.join(', ')}: one opacity, opacity by value, contour lines`,
      'blend',
    )
    .option(
      '--format <kind>',
      `${pictureFormats.join(', ')}: how overlays and heatmaps are encoded; webp has losses and takes a fraction of the space`,
      'png',
    )
    .option('--legend', 'add class, probability, method, layer and colour bar below each overlay')
    .option(
      '--box <rule>',
      `${boxRules.join(', ')}: the region above 15 % of the maximum that holds the peak; the largest such region; the largest region above Otsu's threshold`,
      'peak',
    )
    .option('--sheet', 'also write contact sheets of the run: sheet.png, sheet-2.png, ..')
    .option(
      '--figure',
      'also write the figure of the paper for each image: image, Grad-CAM, guided backpropagation and Guided Grad-CAM, a row for each target',
    )
    .option('--sweep', 'also write, for each image and target, an animated WebP over the layers')
    .option(
      '--evidence',
      'examine each map: does deleting it hurt more than at random places, does it survive noise as weights? Costs hundreds of passes for each map',
    )
    .option(
      '--evidence-orders <number>',
      `random maps that each map is compared with; default: ${defaultEvidence.orders}`,
    )
    .option('--evidence-steps <number>', `steps of deletion; default: ${defaultEvidence.steps}`)
    .option(
      '--evidence-seed <number>',
      `seed of random places and noise; default: ${defaultEvidence.seed}`,
    )
    .option(
      '--window <range>',
      'from..to: values that become 0 and 255, for pictures that do not have 8 bits; default: the range of their type, or the range found',
    )
    .option(
      '--fit <how>',
      'how a picture is fitted to the input: crop, squash or letterbox; default: as the model states',
    );
  addSharedFlags(command, [
    'crop',
    'resize',
    'models',
    'inputRange',
    'inputSize',
    'mean',
    'std',
    'channels',
    'input',
    'explainInput',
    'output',
    'boxes',
    'labels',
  ])
    .option('--json', 'print the lines of results.jsonl')
    .option('--quiet', 'print nothing but errors')
    .option('--debug', 'print what was chosen and why, and stack traces of errors')
    .addHelpText('after', explainExamples)
    .action(async (images: string[], flags: StatedFlags) => {
      const spawned = takeThread();
      const { runExplain } = await import('./action.ts');
      finish(await runExplain(images, flags, spawned));
    });
}

const targetHelp =
  'what to explain: top1, top3, 242, boxer, n02108089, not:242, 242:281, value, region:<class>, pixel:<class>@x,y, element:<i,j>, box:<n>, box:<n>:<class>, similar:<image>, words, word:<n>, word:<n>:<other>, sentence; repeatable';

const explainExamples = `
Examples:
  gradcam explain demo/scenes --model demo-resnet --target cat --target dog --out runs/demo
  gradcam explain photo.jpg --model ./my-model --input-range=-1..1 --labels labels.txt --out runs/mine
  gradcam explain photo.jpg --model ./my-vqa --ask "what is left of the dog?" --out runs/asked
  gradcam explain photo.jpg --model ./my-captioner --caption --beams 3 --out runs/told
  gradcam explain photos --model demo-resnet --out runs/shared --queue redis://localhost:6379
`;
