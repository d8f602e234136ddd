import { basename, dirname, join, resolve } from 'node:path';
import type { Architecture, InputSpec } from '../architectures/architecture.ts';
import { getArchitecture } from '../architectures/registry.ts';
import {
  convertWeights,
  MODEL_JSON,
  type ConversionReport,
  type SourceDigests,
} from '../artifact/convert-weights.ts';
import type { WeightDType } from '../artifact/quantize.ts';
import { convertKeras, type ModelPreview } from '../artifact/convert-keras.ts';
import { isTorchFile } from '../mapping/recognise-torch.ts';
import { convertTorch } from '../artifact/convert-torch.ts';
import { isTorchPath } from './identify-torch.ts';
import { convertGraph } from '../artifact/convert-graph.ts';
import { isGraphFile } from '../formats/graph-def/graph-file.ts';
import { isKerasModel } from '../formats/keras/read-keras.ts';
import { requantizeModel } from '../artifact/requantize-model.ts';
import { FormatError, UnsupportedError } from '../errors.ts';
import { createDirectorySink } from './directory-sink.ts';
import { computeDigests } from './conversion-digests.ts';
import { isFile } from './file-source.ts';
import { isArchitecturePath } from './find-keras-architecture.ts';
import { listSourceFiles, openSource, type ArchitectureOptions } from './open-source.ts';
import { tidyOutputDirectory, withOutputDirectory } from './output-directory.ts';
import { findSource, isUpToDate } from './up-to-date.ts';
import { verifyShards } from './verify-shards.ts';

/** The input and the settings of {@link convertModel}. */
export interface ConvertModelOptions {
  /**
   * Path of a weight file (also of PyTorch), a checkpoint prefix or an archive, of a whole model of Keras
   * (`.h5`, `.keras`) or TensorFlow (the folder of a SavedModel, a frozen `.pb`), or of a tfjs model that is
   * stored again in another dtype.
   */
  readonly source: string;
  /**
   * Id of an architecture, or an architecture of your own. A model of tfjs or Keras needs none, because it
   * contains its topology. That of a file of PyTorch is recognised by the names and shapes of its weights.
   * For weights of Keras without a model it is the path of a file that `model.to_json()` wrote, by default
   * the one beside them.
   */
  readonly architecture?: string | Architecture | undefined;
  /** The signature of a SavedModel that is converted. Default: `serving_default`, else the only one. */
  readonly signature?: string | undefined;
  /** The nodes that are the outputs of a frozen graph. Default: those that no other node takes. */
  readonly outputs?: readonly string[] | undefined;
  /** Folder of the model. It becomes one complete artifact, or stays unchanged. */
  readonly out: string;
  /** How kernels are stored. Default: float32, which keeps every value. */
  readonly dtype?: WeightDType | undefined;
  /** Id of the model. Default: the architecture's id. */
  readonly id?: string | undefined;
  /** Where the source came from, for the metadata. Default: its base name. */
  readonly uri?: string | undefined;
  /** Names of the classes of an architecture, if they are not the published ones. */
  readonly labels?: readonly string[] | undefined;
  /**
   * Is called with a model of Keras before anything is written, unless `out` holds the result already. An
   * error that it throws ends the work, and `out` stays unchanged.
   */
  readonly onModel?: ((model: ModelPreview) => Promise<void>) | undefined;
  /**
   * Is called with the folder of the complete model before it is put in place. An error that it throws ends
   * the work, and `out` stays unchanged.
   */
  readonly onWritten?: ((folder: string) => Promise<void>) | undefined;
  /** Facts about the input of an architecture that replace the published ones. */
  readonly input?: Partial<InputSpec> | undefined;
  /** Side of the square pictures of a net of PyTorch in pixels, if it is not the published one. */
  readonly size?: number | undefined;
  /** The modules of the head of a net of PyTorch, as they stand in Python: `linear,relu,dropout,linear`. */
  readonly head?: string | undefined;
  /** Ends the work early. `out` then stays unchanged. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ConvertProgress) => void) | undefined;
}

/** The progress of a conversion. */
export interface ConvertProgress {
  readonly stage: 'digest' | 'unpack' | 'convert';
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** The result of {@link convertModel}. */
export interface ConvertResult {
  /** Absolute path of the model folder. */
  readonly directory: string;
  /** sha256 of the source. */
  readonly sourceSha256: string;
  /** `undefined` if the folder already contained the result of this conversion and was left unchanged. */
  readonly report: ConversionReport | undefined;
}

/**
 * Converts published weights into a tfjs LayersModel folder. The weights are checked while they are read,
 * and the model is put in place only when it is complete.
 *
 * @throws NotFoundError, FormatError, ChecksumError, LimitError, UnsupportedError, MappingError,
 * LockedError, WriteError; the signal's reason when aborted
 *
 * @example
 * ```ts
 * await convertModel({ source: 'demo/weights/demo-vgg.npy', architecture: 'demo-vgg', out: 'models/vgg' });
 * ```
 */
export async function convertModel(options: ConvertModelOptions): Promise<ConvertResult> {
  const isTorch = await isTorchPath(options.source);
  const architecturePath = await findArchitecturePath(options.architecture);
  const stated = architecturePath === undefined ? options.architecture : undefined;
  const architecture = isTorch ? stated : resolveArchitecture(stated);
  const directory = resolve(options.out);
  const listed = await listSourceFiles(options.source);
  const files = architecturePath === undefined ? listed : [...listed, architecturePath];
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const mayBeDone = await isFile(join(directory, MODEL_JSON));
  // Without an earlier result to compare with, the digest is needed only for the metadata at the end.
  const digesting = computeDigests(files, architecture, {
    ...options,
    signal,
    onProgress: mayBeDone ? options.onProgress : undefined,
  });
  digesting.catch(() => undefined);
  try {
    if (mayBeDone && (await isUpToDate(directory, (await digesting).conversion, signal))) {
      await tidyOutputDirectory(directory);
      return { directory, sourceSha256: (await digesting).sha256, report: undefined };
    }
    const isSameSource = async (): Promise<boolean> =>
      (await findSource(directory)) === (await digesting).sha256;
    return await withOutputDirectory(
      directory,
      async (output) => {
        // Another process may have completed the same conversion before this one got the lock.
        const isDone = await isFile(join(directory, MODEL_JSON));
        if (isDone && (await isUpToDate(directory, (await digesting).conversion, signal))) {
          return { directory, sourceSha256: (await digesting).sha256, report: undefined };
        }
        const work = { ...options, architecture, architecturePath, digesting };
        const report = await convertInto(output.artifactPath, output.scratchPath, work);
        await options.onWritten?.(output.artifactPath);
        options.signal?.throwIfAborted();
        await output.commit();
        return { directory, sourceSha256: (await digesting).sha256, report };
      },
      isSameSource,
    );
  } finally {
    stop.abort();
  }
}

function resolveArchitecture(
  architecture: string | Architecture | undefined,
): Architecture | undefined {
  return typeof architecture === 'string' ? getArchitecture(architecture) : architecture;
}

/** The path of an architecture of Keras, if one is stated. */
async function findArchitecturePath(
  architecture: string | Architecture | undefined,
): Promise<string | undefined> {
  if (typeof architecture !== 'string' || !/\.json$/i.test(architecture)) return undefined;
  if (await isArchitecturePath(architecture)) return architecture;
  throw new FormatError(
    'Keras',
    `${architecture}: expected the architecture of a Keras model, as model.to_json() writes it, found something else or nothing`,
  );
}

interface ConversionWork extends ConvertModelOptions, ArchitectureOptions {
  readonly digesting: Promise<SourceDigests>;
}

async function convertInto(
  artifactPath: string,
  scratchPath: string,
  work: ConversionWork,
): Promise<ConversionReport> {
  const { architecture, signal, onProgress, dtype = 'float32' } = work;
  const report = (stage: ConvertProgress['stage']) => (doneBytes: number, totalBytes: number) =>
    onProgress?.({ stage, doneBytes, totalBytes });
  const opened = await openSource(work.source, scratchPath, {
    signal,
    onProgress: report('unpack'),
    signature: work.signature,
    outputs: work.outputs,
    architecturePath: work.architecturePath,
  });
  const sink = createDirectorySink(artifactPath);
  try {
    const { file } = opened;
    const common = {
      id: work.id,
      source: { uri: work.uri ?? basename(work.source), digests: work.digesting },
      sink,
      dtype,
      signal,
      onProgress: report('convert'),
    };
    const takesLayers: boolean = isKerasModel(file) && file.format === 'keras-h5';
    if (work.architecturePath !== undefined && !takesLayers) {
      const name = basename(work.architecturePath);
      throw new UnsupportedError(
        'architecture of Keras',
        `${name} is for weights of Keras in HDF5, and ${work.source} is something else; leave out --arch ${name}`,
      );
    }
    if (isTorchFile(file)) {
      const { labels, input, size, head } = work;
      return await convertTorch(file, { ...common, architecture, labels, input, size, head });
    }
    if (typeof architecture === 'string') {
      throw new UnsupportedError('architecture', `${work.source} is no file of PyTorch`);
    }
    const isGraph = isGraphFile(file);
    if (architecture !== undefined && (isGraph || isKerasModel(file))) {
      const program = isGraph ? 'TensorFlow' : 'Keras';
      throw new UnsupportedError(
        `architecture of a ${program} model`,
        `${work.source} is a whole model of ${program}, which has its own architecture; leave out --arch`,
      );
    }
    if (isGraph) return await convertGraph({ ...common, file });
    if (isKerasModel(file)) return await convertKeras({ ...common, file, onModel: work.onModel });
    const isModel = 'json' in file;
    if (isModel && architecture === undefined) {
      const folder = (await isFile(work.source)) ? dirname(work.source) : work.source;
      await verifyShards(folder, file.json, signal);
      return await requantizeModel({ ...common, model: file });
    }
    if (isModel || architecture === undefined) {
      throw new UnsupportedError(
        isModel ? 'architecture of a tfjs model' : 'weights without architecture',
        isModel
          ? `${work.source} is a tfjs model, which has its own architecture; leave out --arch`
          : file.format === 'keras-h5'
            ? `${work.source} is HDF5 without a model (no attribute model_config); if it holds the weights of a Keras model, name the file that model.to_json() wrote: gradcam convert ${basename(work.source)} --arch model.json; or build the model in Python, model.load_weights('${basename(work.source)}'), and save it whole: model.save('model.keras')`
            : `${work.source} holds only weights; name their architecture with --arch`,
      );
    }
    const { labels, input } = work;
    return await convertWeights({ ...common, file, architecture, labels, input });
  } finally {
    await sink.abandon();
    await opened.close();
  }
}
