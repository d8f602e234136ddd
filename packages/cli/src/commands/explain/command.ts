import { boxRules, methods, presets } from '@gradcam/core';
import { Option, type Command } from 'commander';
import type { Finish } from '../finish.ts';
import type { ExplainFlags } from './flags.ts';
import { colourings, overlayModes, saveKinds } from '../../runs/paint/picture-settings.ts';
import { takeThread } from '../../model-thread/spawn-thread.ts';
import { cropHelp, explainInputHelp } from '../../flags/input-help.ts';
import { engineNames } from '../../models/open-engine.ts';

/** The flags of `gradcam explain`; its work is loaded when it runs. */
export function addExplain(program: Command, finish: Finish): void {
  program
    .command('explain')
    .description('explain what a model says of images; writes a run directory')
    .argument('<images...>', 'files, folders, patterns, web addresses, or - for a list on stdin')
    .requiredOption('--model <dir|id>', 'a tfjs model: its folder, its JSON, its address, or an id')
    .requiredOption('--out <dir>', 'folder of the run; must not hold one yet, but for --resume')
    .option('--resume', 'finish the run in --out: images that are done stay as they are')
    .option('--truth <dir|csv>', 'true classes: folders named by class, or a table path,class')
    .option('-0, --null', 'the list on stdin has a zero byte after each name, as of find -print0')
    .option('--method <names>', methods.map(({ name }) => name).join(', '), 'grad-cam')
    .addOption(new Option('--target <target>', targetHelp).argParser(collect).default([], 'top1'))
    .option(
      '--layer <names>',
      'auto, or endpoints and layers with commas between; a+b fuses two into one map',
      'auto',
    )
    .option('--engine <name>', engineNames.join(', '), 'auto')
    .option('--runs <number>', 'budget of methods that run the model many times')
    .option('--batch <number>', 'inputs for one run of those methods')
    .option('--threads <number>', 'CPU threads of the engine; by default the cores it may use')
    .option(
      '--like <peer>',
      `show maps as another library does: ${presets.map(({ name }) => name).join(', ')}`,
    )
    .option('--save <kinds>', saveKinds.join(', '), 'overlay,heatmap,raw')
    .option('--colormap <name>', colourings.join(', '), colourings[0])
    .option('--alpha <share>', 'share of the colour in the overlay, 0..1', '0.5')
    .option(
      '--overlay <how>',
      `${overlayModes.join(', ')}: one alpha, alpha by value, lines`,
      'blend',
    )
    .option('--legend', 'class, probability, method, layer and colour bar below each overlay')
    .option(
      '--box <rule>',
      `${boxRules.join(', ')}: of what reaches 15 % of the maximum the part with the peak, or the largest; the largest above Otsu's threshold`,
      'peak',
    )
    .option('--sheet', 'contact sheets of the run: sheet.png, sheet-2.png, ..')
    .option('--sweep', 'for each image and target an animated WebP over the layers')
    .option(
      '--window <range>',
      'from..to: numbers of pictures that are not of 8 bits, shown as 0 and 255; by default their type, or what is found',
    )
    .option('--fit <how>', "crop, squash or letterbox; the model's own by default")
    .option('--crop <share>', cropHelp)
    .option('--resize <filter>', 'bilinear, bicubic or lanczos, each with antialiasing')
    .option('--models <dir>', 'where models are looked for first')
    .option('--input-range <range>', '0..255, 0..1 or -1..1 (write --input-range=-1..1)')
    .option('--input-size <HxW>', 'for a model that leaves it open, as 224x224, the default')
    .option('--mean <a,b,c>', "taken off after the range, in the model's channel order")
    .option('--std <a,b,c>', 'divided by after the mean')
    .option('--channels <order>', 'rgb or bgr')
    .addOption(new Option('--input <name=file>', inputHelp).argParser(collect).default([], 'none'))
    .option('--explain-input <name>', explainInputHelp)
    .option('--output <name|n>', 'which of several outputs is explained: its layer, or 0, 1, ..')
    .option(
      '--boxes <how>',
      "how a detector's boxes are read: yolov5, yolov8, ssd, none, xywh, xyxy, yxyx, pixels, normalised, score=0.25, iou=0.45, .. with commas between",
    )
    .option('--labels <file>', 'class names: synset lines, plain lines or JSON')
    .option('--json', 'print the lines of results.jsonl')
    .option('--quiet', 'print nothing but errors')
    .option('--debug', 'say what was chosen and why; stacks of errors')
    .addHelpText('after', explainExamples)
    .action(async (images: string[], flags: ExplainFlags) => {
      const spawned = takeThread();
      const { runExplain } = await import('./action.ts');
      finish(await runExplain(images, flags, spawned));
    });
}

const targetHelp =
  'what to explain: top1, top3, 242, boxer, n02108089, not:242, 242:281, value, region:<class>, pixel:<class>@x,y, element:<i,j>, box:<n>, box:<n>:<class>, similar:<image>; repeatable';

const inputHelp =
  'what a further input of the model gets: a picture, .json or .npy, the same for every image; repeatable';

const explainExamples = `
Examples:
  gradcam explain demo/scenes --model demo-resnet --target cat --target dog --out runs/demo
  gradcam explain photo.jpg --model ./my-model --input-range=-1..1 --labels labels.txt --out runs/mine
`;

function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}
