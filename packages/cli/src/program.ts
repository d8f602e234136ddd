import { listArchitectures } from '@gradcam/converter';
import { methods, presets } from '@gradcam/core';
import { listExportable } from '@gradcam/core/onnx';
import { Command, CommanderError } from 'commander';
import type { ConvertFlags } from './commands/convert.ts';
import type { ExportFlags } from './commands/export.ts';
import type { FetchFlags } from './commands/fetch.ts';
import type { InspectFlags } from './commands/inspect.ts';
import { addBench } from './commands/bench.ts';
import { addCompletion } from './commands/completion.ts';
import { addDoctor } from './commands/doctor.ts';
import type { Finish } from './commands/finish.ts';
import { addMethods } from './commands/methods.ts';
import type { ModelsFlags } from './commands/models.ts';
import { addSheet } from './commands/sheet.ts';
import type { ViewFlags } from './commands/view.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import type { ExplainFlags } from './explain/flags.ts';
import { boxRules, colourings, overlayModes, saveKinds } from './explain/picture-settings.ts';
import { engineNames } from './models/open-engine.ts';
import { ownVersion } from './own-version.ts';

/** Runs the command line and returns the code to exit with; errors of the work itself are thrown. */
export async function runProgram(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  const program = createProgram((result) => (code = result));
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version are what was asked for; every other refusal of commander is wrong usage.
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
  return code;
}

/**
 * All commands with their flags.
 *
 * @param finish takes the exit code of the command that ran.
 */
export function createProgram(finish: Finish): Command {
  const program = new Command('gradcam')
    .description('Shows where an image classifier saw what it says: Grad-CAM for tfjs models.')
    .version(ownVersion)
    .exitOverride()
    .showHelpAfterError('(gradcam --help shows the commands)');
  addExplain(program, finish);
  addExport(program, finish);
  addModels(program, finish);
  addFetch(program, finish);
  addConvert(program, finish);
  addInspect(program, finish);
  addView(program, finish);
  addSheet(program, finish);
  addMethods(program, finish);
  addBench(program, finish);
  addDoctor(program, finish);
  addCompletion(program, finish);
  // Subcommands do not inherit the override that is set after they are added.
  for (const command of program.commands) command.exitOverride();
  return program;
}

function addExplain(program: Command, finish: Finish): void {
  program
    .command('explain')
    .description('explain what a model says of images; writes a run directory')
    .argument('<images...>', 'files, folders, patterns, web addresses, or - for a list on stdin')
    .requiredOption('--model <dir|id>', 'a tfjs LayersModel: its folder, or the id of a model')
    .requiredOption('--out <dir>', 'folder of the run; must not hold one yet, but for --resume')
    .option('--resume', 'finish the run in --out: images that are done stay as they are')
    .option('--truth <dir|csv>', 'true classes: folders named by class, or a table path,class')
    .option('-0, --null', 'the list on stdin has a zero byte after each name, as of find -print0')
    .option('--method <names>', methods.map(({ name }) => name).join(', '), 'grad-cam')
    .option('--target <target>', targetHelp, collect, [])
    .option(
      '--layer <names>',
      'auto, or endpoints and layers with commas between; a+b fuses two into one map',
      'auto',
    )
    .option('--engine <name>', engineNames.join(', '), 'auto')
    .option('--runs <number>', 'budget of methods that run the model many times')
    .option('--batch <number>', 'inputs for one run of those methods')
    .option('--threads <number>', "CPU threads of the engine; the runtime's own choice by default")
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
      `${boxRules.join(', ')}: 15 % of the maximum, or Otsu's threshold`,
      'paper',
    )
    .option('--sheet', 'contact sheets of the run: sheet.png, sheet-2.png, ..')
    .option('--sweep', 'for each image and target an animated WebP over the layers')
    .option('--fit <how>', "crop, squash or letterbox; the model's own by default")
    .option('--models <dir>', 'where models are looked for first')
    .option('--input-range <range>', '0..255, 0..1 or -1..1 (write --input-range=-1..1)')
    .option('--mean <a,b,c>', "taken off after the range, in the model's channel order")
    .option('--std <a,b,c>', 'divided by after the mean')
    .option('--channels <order>', 'rgb or bgr')
    .option('--labels <file>', 'class names: synset lines, plain lines or JSON')
    .option('--json', 'print the lines of results.jsonl')
    .option('--quiet', 'print nothing but errors')
    .option('--debug', 'say what was chosen and why; stacks of errors')
    .addHelpText('after', explainExamples)
    .action(async (images: string[], flags: ExplainFlags) =>
      finish(await (await import('./commands/explain.ts')).runExplain(images, flags)),
    );
}

const targetHelp =
  'what to explain: top1, top3, 242, boxer, n02108089, not:242, 242:281; repeatable (default top1)';

const explainExamples = `
Examples:
  gradcam explain demo/scenes --model demo-resnet --target cat --target dog --out runs/demo
  gradcam explain photo.jpg --model ./my-model --input-range=-1..1 --labels labels.txt --out runs/mine
`;

function addExport(program: Command, finish: Finish): void {
  const names = listExportable().map(({ name }) => name);
  program
    .command('export')
    .description('write a model with one explanation as an ONNX file: image in, heatmap out')
    .requiredOption('--model <dir|id>', 'a tfjs LayersModel: its folder, or the id of a model')
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
    .option('--mean <a,b,c>', "taken off after the range, in the model's channel order")
    .option('--std <a,b,c>', 'divided by after the mean')
    .option('--channels <order>', 'rgb or bgr')
    .option('--labels <file>', 'class names: synset lines, plain lines or JSON')
    .option('--json', 'print files, inputs, outputs and metadata as one JSON object')
    .option('--quiet', 'print nothing but the file and errors')
    .option('--debug', 'stacks of errors')
    .addHelpText('after', exportExamples)
    .action(async (flags: ExportFlags) =>
      finish(await (await import('./commands/export.ts')).runExport(flags)),
    );
}

const exportExamples = `
Examples:
  gradcam export --model demo-resnet --out explained.onnx
  gradcam export --model demo-resnet --method layer-cam --layer block2 --target cat --out cat.onnx
`;

function addModels(program: Command, finish: Finish): void {
  program
    .command('models')
    .description('list the models that can be fetched, and those that are here')
    .option('--models <dir>', 'where models are looked for first')
    .option('--json', 'print one JSON list')
    .addHelpText('after', modelsExamples)
    .action(async (flags: ModelsFlags) =>
      finish(await (await import('./commands/models.ts')).runModels(flags)),
    );
}

const modelsExamples = `
Examples:
  gradcam models
  gradcam models --models ~/nets --json
`;

function addFetch(program: Command, finish: Finish): void {
  program
    .command('fetch')
    .description('download published weights and convert them; without ids vgg16 and two ResNets')
    .argument('[ids...]', 'as `gradcam models` lists them')
    .option('--models <dir>', 'folder of the models', process.env['GRADCAM_MODELS'] ?? 'models')
    .option('--source <file|url>', 'takes the place of the published address')
    .option('--dtype <name>', dtypeHelp, 'float32')
    .option('--cache <dir>', "folder for downloads; in the user's cache by default")
    .option('--offline', 'use what is downloaded already')
    .option('--no-probe', 'do not run the model once to store the result for later checks')
    .option('--quiet', 'print nothing but the folders and errors')
    .option('--debug', 'name what was left out; stacks of errors')
    .addHelpText('after', fetchExamples)
    .action(async (ids: string[], flags: FetchFlags) =>
      finish(await (await import('./commands/fetch.ts')).runFetch(ids, flags)),
    );
}

const dtypeHelp = 'float32 as in the source; float16, uint16, uint8 are quantised';

const fetchExamples = `
Examples:
  gradcam fetch demo-resnet
  gradcam fetch resnet_v1_50 --models ~/nets --dtype float16
  gradcam fetch vgg16 --source ./vgg16.npy --offline
`;

function addConvert(program: Command, finish: Finish): void {
  const ids = listArchitectures().map(({ id }) => id);
  program
    .command('convert')
    .description('convert a weight file into a tfjs LayersModel')
    .argument('<source>', '.npy, .npz, checkpoint (file or prefix), .tar.gz, .gz, or a tfjs model')
    .option('--arch <name>', `of weights, not of a tfjs model: ${ids.join(', ')}`)
    .option('--dtype <name>', dtypeHelp, 'float32')
    .requiredOption('--out <dir>', 'folder of the model')
    .option('--id <name>', "the model's id; the architecture's by default")
    .option('--no-probe', 'do not run the model once to store the result for later checks')
    .option('--quiet', 'print nothing but the folder and errors')
    .option('--debug', 'name what was left out; stacks of errors')
    .addHelpText('after', convertExamples)
    .action(async (source: string, flags: ConvertFlags) =>
      finish(await (await import('./commands/convert.ts')).runConvert(source, flags)),
    );
}

const convertExamples = `
Examples:
  gradcam convert vgg16.npy --arch vgg16 --out models/vgg16
  gradcam convert models/vgg16 --dtype uint8 --out models/vgg16-small
`;

function addInspect(program: Command, finish: Finish): void {
  program
    .command('inspect')
    .description("show a model's layers, or the tensors of a weight file")
    .argument('<model|file>', 'folder or id of a model; .npy, .npz, checkpoint, archive')
    .option('--models <dir>', 'where models are looked for first')
    .option('--json', 'print one JSON object')
    .option('--verify', 'check the digests of the shards, and the probe on an engine')
    .option('--engine <name>', engineNames.join(', '), 'auto')
    .option('--debug', 'stacks of errors')
    .addHelpText('after', inspectExamples)
    .action(async (model: string, flags: InspectFlags) =>
      finish(await (await import('./commands/inspect.ts')).runInspect(model, flags)),
    );
}

const inspectExamples = `
Examples:
  gradcam inspect demo-resnet
  gradcam inspect demo-resnet --verify --engine wasm
  gradcam inspect resnet_v1_50.ckpt --json
`;

function addView(program: Command, finish: Finish): void {
  program
    .command('view')
    .description('show a run in the browser, or explain images live; served to this machine only')
    .argument('[run]', 'folder of a run; without one the live page opens')
    .option('--models <dir>', 'folder of models for the live page')
    .option('--port <number>', 'default: any free one')
    .option('--against <run>', 'a second run, of another model or method, to compare it with')
    .option('--export <file>', 'write the run into one HTML file that opens without a server')
    .option('--images <words>', 'with --export: images whose path or classes hold these words')
    .option('--limit <number>', 'with --export: how many images at most', '100')
    .option('--debug', 'stacks of errors')
    .addHelpText('after', viewExamples)
    .action(async (run: string | undefined, flags: ViewFlags) =>
      finish(await (await import('./commands/view.ts')).runView(run, flags)),
    );
}

const viewExamples = `
Examples:
  gradcam view runs/first
  gradcam view --models models
  gradcam view runs/first --export first.html --images cat --limit 20
`;

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}
