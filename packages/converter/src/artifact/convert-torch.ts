import type { Architecture } from '../architectures/architecture.ts';
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
  const { input } = options;
  const assumed = describeAssumptions(found, classes, { labels: options.labels, input });
  const { architecture } = found;
  return convertWeights({
    ...options,
    file: found.file,
    architecture,
    assumed,
    notes: found.notes,
  });
}

function recognise(file: WeightFile, options: ConvertTorchOptions): RecognisedFile {
  const { architecture } = options;
  if (typeof architecture !== 'object') {
    const { size } = options;
    return recogniseTorch(file, options.source.uri, { wanted: architecture, size });
  }
  const { file: stripped } = stripPrefixes(file);
  const notes = file.notes ?? [];
  return { file: stripped, architecture, isAssumed: false, isPublished: false, notes };
}
