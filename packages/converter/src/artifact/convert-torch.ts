import type { Architecture, InputSpec } from '../architectures/architecture.ts';
import { UnsupportedError } from '../errors.ts';
import { describeAssumptions } from '../mapping/assume-torch.ts';
import { matchWeights } from '../mapping/match-weights.ts';
import { recogniseTorch, type RecognisedFile } from '../mapping/recognise-torch.ts';
import { stripPrefixes } from '../mapping/strip-prefixes.ts';
import type { WeightFile } from '../tensors/stored-tensor.ts';
import {
  convertWeights,
  type ConversionReport,
  type ConvertWeightsOptions,
} from './convert-weights.ts';

/** The input of {@link convertTorch}. */
export interface ConvertTorchOptions extends Omit<
  ConvertWeightsOptions,
  'file' | 'architecture' | 'assumed' | 'notes'
> {
  /** Id of a net or family of PyTorch, or an architecture. Default: it is recognised. */
  readonly architecture?: string | Architecture | undefined;
  /** Side of the square pictures in pixels, if it is not the published one. */
  readonly size?: number | undefined;
  /**
   * The modules of a head of several layers, as they stand in Python: `linear,relu,dropout,linear`. A file
   * does not hold those without weights. Default: a ReLU between two linear layers.
   */
  readonly head?: string | undefined;
}

/**
 * Converts the weights of a file of PyTorch. What was recognised or assumed is in the notes of the report and
 * in the metadata of the model.
 *
 * @throws MappingError if no net or several nets fit; errors of the reader
 */
export async function convertTorch(
  file: WeightFile,
  options: ConvertTorchOptions,
): Promise<ConversionReport> {
  const found = recognise(file, options);
  const { classes } = matchWeights(found.architecture, found.file);
  if (options.labels !== undefined && options.labels.length !== classes) {
    throw new UnsupportedError(
      'labels',
      `expected ${classes} names of classes, one for each row of the last layer, found ${options.labels.length}`,
    );
  }
  const [variant] = found.architecture.variants;
  const input = options.input && fitChannels(options.input, variant!.input);
  const assumed = describeAssumptions(found, classes, { labels: options.labels, input });
  const { architecture } = found;
  return convertWeights({
    ...options,
    input,
    file: found.file,
    architecture,
    assumed,
    notes: found.notes,
  });
}

function recognise(file: WeightFile, options: ConvertTorchOptions): RecognisedFile {
  const { architecture } = options;
  if (typeof architecture !== 'object') {
    const { size, head } = options;
    return recogniseTorch(file, options.source.uri, { wanted: architecture, size, head });
  }
  const { file: stripped } = stripPrefixes(file);
  const notes = file.notes ?? [];
  return { file: stripped, architecture, isAssumed: false, isPublished: false, notes };
}

/** The names of the flags that state these facts. */
const FLAGS = { mean: '--mean', std: '--std' } as const;

/**
 * Brings stated numbers to the channels of the net: three equal ones are one for gray pictures.
 *
 * @throws UnsupportedError for numbers or an order of other channels than the net's
 */
function fitChannels(stated: Partial<InputSpec>, own: InputSpec): Partial<InputSpec> {
  const isGray = own.channelOrder === 'gray';
  const { channelOrder } = stated;
  if (channelOrder !== undefined && (channelOrder === 'gray') !== isGray) {
    throw new UnsupportedError(
      'order of channels',
      `--channels ${channelOrder}: the net takes ${isGray ? 'one channel, gray' : 'three channels, rgb or bgr'}`,
    );
  }
  const fitted = { ...stated };
  for (const key of ['mean', 'std'] as const) {
    const numbers = stated[key];
    if (numbers === undefined || numbers.length === own[key].length) continue;
    const [first] = numbers;
    if (!isGray || numbers.some((number) => number !== first)) {
      throw new UnsupportedError(
        key,
        `${FLAGS[key]} ${numbers.join(',')}: the net takes ${isGray ? 'one channel, gray, and so one number' : 'three channels, and so three numbers'}`,
      );
    }
    fitted[key] = [first!];
  }
  return fitted;
}
