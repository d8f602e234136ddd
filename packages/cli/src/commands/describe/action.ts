import {
  chooseImageInput,
  describeFilter,
  describeOutput,
  describePixels,
  findNode,
  type InputDescription,
  mainHead,
  type Network,
  shortLabel,
  toPrintable,
  type TextDescription,
} from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { identifyTensorFlow } from '@gradcam/converter/node';
import { isWebAddress } from '@gradcam/runs';
import { writeDescription } from '../../models/write-description.ts';
import { CommandError, exitCodes, type ExitCode } from '../../exit-codes.ts';
import { describeAnyModel } from '../../models/describe-any.ts';
import { describeText } from '../../models/describe-text.ts';
import { folderOfModel } from '../../models/find-model.ts';
import { checkLabels, parseModelFlags, type ModelFlags } from '../../models/model-flags.ts';
import { printSources } from '../../models/print-sources.ts';
import { isConvertedPath } from '../../models/converted-path.ts';
import { resolveModel } from '../../models/resolve-model.ts';
import { dropUndefined } from '../../flags/drop-undefined.ts';
import { quoteForShell } from '../../terminal/quote-for-shell.ts';
import { createTerminal } from '../../terminal/messages.ts';

export interface DescribeFlags extends ModelFlags {
  readonly models?: string;
  readonly write?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/** The most names that one line shows. */
const NAMED = 10;

function describePlacing({ fit, cropFraction, resize }: InputDescription): string {
  const part = cropFraction === 1 || fit === 'letterbox' ? '' : ` ${cropFraction.toPrecision(3)}`;
  const filter = resize === 'bilinear-antialias' ? '' : `, ${describeFilter(resize)}`;
  return `${fit}${part}${filter}`;
}

/**
 * For a model with several inputs, says which input takes the picture and which values `explain` needs for
 * the others.
 */
function listInputs(network: Network, text: TextDescription | undefined): string[] {
  const [image, ...further] = inputsOf(network);
  if (image === undefined || further.length === 0) return [];
  const others = further.filter(({ name }) => name !== text?.input);
  if (others.length === 0) {
    return [`the picture goes to input ${image.name} (change it with --explain-input)`];
  }
  const named = others.map(({ name, shape }) => `${name} [${shape.join(', ')}]`);
  return [
    `the picture goes to input ${image.name} (change it with --explain-input); give explain the further inputs as --input name=file: ${named.join(', ')}`,
  ];
}

/** The inputs of the network, with the one that takes the picture first. */
function inputsOf(network: Network): { name: string; shape: readonly number[] }[] {
  const image = chooseImageInput(network, { given: [] });
  const names = [image, ...network.inputs.filter((name) => name !== image)];
  return names.map((name) => ({ name, shape: findNode(network, name).shape }));
}

/**
 * `gradcam describe`: prints what is known of a model and where each fact comes from. With `--write` it
 * stores the facts that the user stated beside the model.
 */
export async function runDescribe(name: string, flags: DescribeFlags): Promise<ExitCode> {
  const terminal = createTerminal(flags);
  if (flags.write === true && isWebAddress(name)) {
    throw new CommandError(
      exitCodes.usage,
      `${name}: --write needs a model in a folder on this machine; save the model and its files into a folder first`,
    );
  }
  const isConverted = (await isConvertedPath(name)) || (await identifyTensorFlow(name)) !== null;
  if (flags.write === true && isConverted) {
    throw new CommandError(
      exitCodes.usage,
      `${name}: --write needs a model in a folder; write one that keeps what you state with: npx gradcam convert ${quoteForShell(name)} --out <dir> --labels .. --input-range ..`,
    );
  }
  const stated = await parseModelFlags(flags);
  const location = await resolveModel(name, flags.models, terminal);
  const model = await describeAnyModel(openModelFolder(location), stated);
  const head = mainHead(model.network);
  checkLabels(flags, stated, head);
  const written =
    flags.write === true ? await writeDescription(folderOfModel(location), model, stated) : null;
  const { id, input, classNames, defaultLayer, readFrom, notUsed, assumptions } = model;
  if (flags.json) {
    const found = {
      id,
      inputs: inputsOf(model.network),
      input,
      labels: classNames.labels,
      defaultLayer,
      ...dropUndefined({ text: model.text }),
      readFrom,
      notUsed,
      assumptions,
    };
    terminal.out(JSON.stringify({ ...found, written: written ?? undefined }));
    return exitCodes.done;
  }
  const names = classNames.labels.slice(0, NAMED).map(shortLabel).join(', ');
  const more = classNames.labels.length > NAMED ? `, .. (${classNames.labels.length})` : '';
  const lines = [
    `${id}: ${describeOutput(head)}`,
    ...listInputs(model.network, model.text),
    ...(model.text === undefined ? [] : [`text: ${describeText(model.text)}`]),
    `input: ${input.height}x${input.width} ${input.channelOrder}, ${describePixels(input)}, ${describePlacing(input)}`,
    `class names: ${names === '' ? 'none' : names + more}`,
    `default layer of maps: ${defaultLayer}`,
  ];
  if (!flags.quiet) for (const line of lines) terminal.out(toPrintable(line));
  printSources(model, terminal);
  if (written !== null) terminal.note(`written: ${written}`);
  return exitCodes.done;
}
