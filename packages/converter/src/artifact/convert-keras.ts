import type { KerasFile, KerasModel } from '../formats/keras/read-keras.ts';
import {
  CONVERTED_BY,
  writeModelJson,
  type ConversionReport,
  type SourceIdentity,
} from './convert-weights.ts';
import type { ConvertedModelJson } from './model-json.ts';
import type { WeightDType } from './quantize.ts';
import type { ArtifactSink } from './sink.ts';
import { storeWeights } from './store-weights.ts';

/** The input of {@link convertKeras}. */
export interface ConvertKerasOptions {
  /** A whole model, as `openWeights` reads it. */
  readonly file: KerasFile & { readonly model: KerasModel };
  /**
   * Name of the new model. Default: its name in the file, or the file's own name if that is one that Keras
   * made up, such as `sequential_1`.
   */
  readonly id?: string | undefined;
  readonly source: SourceIdentity;
  readonly sink: ArtifactSink;
  /** How kernels are stored. Default: float32, which keeps every value. */
  readonly dtype?: WeightDType | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
  /**
   * Is called with the model before anything is written. An error that it throws ends the conversion.
   */
  readonly onModel?: ((model: ModelPreview) => Promise<void>) | undefined;
}

/** A model that is about to be written: its `model.json` with the shapes of its weights, but no shards. */
export type ModelPreview = Pick<
  ConvertedModelJson,
  'format' | 'modelTopology' | 'weightsManifest' | 'generatedBy' | 'convertedBy'
>;

/**
 * Writes a whole model of Keras as a tfjs LayersModel: first the shards, then `model.json`. Nothing is said
 * about how pictures become its input, because the file does not say it.
 *
 * @throws errors of the reader
 */
export async function convertKeras(options: ConvertKerasOptions): Promise<ConversionReport> {
  const { file, sink, dtype = 'float32' } = options;
  const { model } = file;
  const weights = model.weights.weights.map(({ name, tensor }) => ({
    name,
    shape: tensor.shape,
    tensor,
  }));
  const id = options.id ?? chooseName(model.name, options.source.uri);
  const json = {
    format: 'layers-model',
    generatedBy: `keras ${model.version}`,
    convertedBy: CONVERTED_BY,
    modelTopology: renameModel(model.topology, id),
  } as const;
  const entries = weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' }) as const);
  await options.onModel?.({ ...json, weightsManifest: [{ paths: [], weights: entries }] });
  const stored = await storeWeights(sink, weights, options);
  const { sha256, conversion } = await options.source.digests;
  await writeModelJson(sink, {
    ...json,
    weightsManifest: [stored.group],
    userDefinedMetadata: {
      gradcamConversion: {
        source: { uri: options.source.uri, format: file.format, sha256 },
        conversion,
        shards: stored.digests,
      },
    },
  });
  return {
    id,
    architecture: undefined,
    naming: `keras ${model.version}`,
    classes: undefined,
    dtype,
    used: weights.map(({ name }) => ({ weight: name, tensor: name })),
    unused: file.skipped,
    rounded: stored.rounded,
    weightBytes: stored.byteLength,
    shards: stored.group.paths.length,
    notes: [...(file.notes ?? []), ...describeLacks(model.lacks)],
  };
}

/** The most layers that one note names. */
const NAMED = 4;

function describeLacks(lacks: readonly string[]): string[] {
  if (lacks.length === 0) return [];
  const more = lacks.length > NAMED ? `; and ${lacks.length - NAMED} more` : '';
  return [
    `plain tfjs does not load or compute this model as Keras does, because it lacks: ${lacks.slice(0, NAMED).join('; ')}${more}`,
  ];
}

function chooseName(name: string, uri: string): string {
  const isMadeUp = /^(sequential|functional|model)(_\d+)?$/.test(name);
  // An address, whose query is no part of the name, or a file's name.
  const last =
    uri
      .replace(/[?#].*$/, '')
      .split('/')
      .at(-1) ?? '';
  const file = last.replace(/\.(h5|hdf5|keras)$/i, '');
  return isMadeUp && file !== '' ? file : name;
}

function renameModel(topology: KerasModel['topology'], name: string): unknown {
  const config = topology['model_config'] as { config: object };
  return { ...topology, model_config: { ...config, config: { ...config.config, name } } };
}
