import {
  chooseImageInput,
  describePixels,
  findNode,
  isPicture,
  prepareInput,
  type ModelDescription,
  type ModelFiles,
  type ModelOverrides,
  type NdArray,
} from '@gradcam/core';
import { decodeImage } from '@gradcam/core/node';
import { readBytes } from '@gradcam/runs';
import { createHash } from 'node:crypto';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { dropUndefined } from '../flags/drop-undefined.ts';
import { describeAnyModel } from './describe-any.ts';
import { readNumbers } from '../inputs/read-numbers.ts';

/** The values that a model takes in addition to the picture. They are the same for every picture of a run. */
export interface FurtherInputs {
  /** The values by the names of the inputs, each with a batch axis of 1. */
  readonly values: Readonly<Record<string, NdArray>>;
  /** The sha256 of each input's shape and values, by the names of the inputs. */
  readonly digests: Readonly<Record<string, string>>;
  /** One line for each input that says from which file its values came. */
  readonly lines: readonly string[];
}

/** The further inputs of a model that takes only a picture: none. */
export const noFurtherInputs: FurtherInputs = { values: {}, digests: {}, lines: [] };

/** Files by the names of inputs. */
export type GivenInputs = ReadonlyMap<string, string>;

/**
 * Parses the values of `--input name=file`, a flag that may be given several times.
 *
 * @throws CommandError 64 for a value of another form, or a name that is given twice.
 */
export function parseInputs(pairs: readonly string[]): GivenInputs {
  const given = new Map<string, string>();
  for (const pair of pairs) {
    const [, name = '', file = ''] = /^([^=]+)=(.+)$/s.exec(pair) ?? [];
    if (name === '') {
      throw new CommandError(
        exitCodes.usage,
        `--input takes name=<image|json|npy>, such as --input age=age.json; got '${pair}'`,
      );
    }
    if (given.has(name)) {
      throw new CommandError(exitCodes.usage, `--input ${name} is given twice`);
    }
    given.set(name, file);
  }
  return given;
}

/** The model as it is explained, with the values of its further inputs. */
export interface OpenedInputs<T extends ModelDescription> {
  readonly model: T;
  readonly overrides: ModelOverrides;
  readonly others: FurtherInputs;
}

/**
 * Decides which input takes the picture, and reads the values of the others. Without `--explain-input` the
 * picture goes to the first picture input that has no given value.
 *
 * @param options `text`: the values of the model's text input come from a question or a caption.
 * @throws CommandError 64 for missing inputs, naming each with its shape and the flag, and for a picture file
 *   that is given to an input that takes no picture; GradcamError `not-found` for a wrong name, with similar
 *   ones.
 */
export async function openInputs<T extends ModelDescription>(
  files: ModelFiles,
  described: T,
  overrides: ModelOverrides,
  given: GivenInputs,
  { text = false }: { readonly text?: boolean } = {},
): Promise<OpenedInputs<T | ModelDescription>> {
  const { network } = described;
  const names = [...given.keys()];
  const told = text && described.text !== undefined ? [described.text.input] : [];
  const { imageInput } = overrides;
  const image = chooseImageInput(network, { given: names, imageInput });
  refuseMissing(described, image, [...names, ...told]);
  const isFirst = image === network.inputs.find((name) => isPicture(network, name));
  const own = isFirst ? overrides : { ...overrides, imageInput: image };
  const model = isFirst ? described : await describeAnyModel(files, own);
  if (given.size === 0) return { model, overrides: own, others: noFurtherInputs };
  const values: Record<string, NdArray> = {};
  const digests: Record<string, string> = {};
  const lines: string[] = [];
  for (const [name, file] of given) {
    const { value, line } = await readInput(name, file, network, files, overrides);
    values[name] = value;
    digests[name] = digestOf(value);
    lines.push(line);
  }
  return { model, overrides: own, others: { values, digests, lines } };
}

function refuseMissing(
  { network }: ModelDescription,
  image: string,
  given: readonly string[],
): void {
  const missing = network.inputs.filter((name) => name !== image && !given.includes(name));
  if (missing.length === 0) return;
  const named = missing.map((name) => `${name} [${findNode(network, name).shape.join(', ')}]`);
  const flags = missing.map(
    (name) => `--input ${name}=<${isPicture(network, name) ? 'image|' : ''}json|npy>`,
  );
  throw new CommandError(
    exitCodes.usage,
    `the model has inputs besides the picture for ${image}: ${named.join(', ')}; give ${flags.join(' ')}`,
  );
}

async function readInput(
  name: string,
  file: string,
  network: ModelDescription['network'],
  files: ModelFiles,
  overrides: ModelOverrides,
): Promise<{ value: NdArray; line: string }> {
  const what = `--input ${name}=${file}`;
  const { shape } = findNode(network, name);
  if (/\.(json|npy)$/i.test(file)) {
    const value = await readNumbers(file, shape, what);
    return { value, line: `${what}: values of shape [${shape.join(', ')}], used as they are` };
  }
  if (!isPicture(network, name)) {
    throw new CommandError(
      exitCodes.usage,
      `${what}: expected a .json or .npy file, since this input has shape [${shape.join(', ')}] and takes no picture`,
    );
  }
  // The input is described by the same rules as the explained picture, from its own shape and its own first
  // layers.
  const stated = overridesFor(overrides, shape[2]!);
  const { input } = await describeAnyModel(files, { ...stated, imageInput: name });
  const image = await decodeImage(await readBytes(file), file);
  const { values } = prepareInput(image, input);
  const how = `${input.height}x${input.width} ${input.channelOrder}, ${describePixels(input)}, ${input.fit}`;
  return { value: values, line: `${what}: a picture of ${image.height}x${image.width} as ${how}` };
}

/**
 * The user's statements about pictures apply to every picture of the model. Mean, standard deviation and
 * channel order apply only to pictures with the right number of channels.
 */
function overridesFor(overrides: ModelOverrides, channels: number): ModelOverrides {
  const { mean, std, channelOrder, ...others } = overrides;
  return dropUndefined({
    ...others,
    mean: mean?.length === channels ? mean : undefined,
    std: std?.length === channels ? std : undefined,
    channelOrder: channels === 3 ? channelOrder : undefined,
  });
}

function digestOf({ shape, data }: NdArray): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return createHash('sha256').update(JSON.stringify(shape)).update(bytes).digest('hex');
}
