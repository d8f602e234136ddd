import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { nameFromUrl, openHttpFolder, type Fetch } from '../bytes/http-source.ts';
import { isConverterError } from '../errors.ts';
import { matchWeights } from '../mapping/match-weights.ts';
import { isTorchFile, recogniseTorch } from '../mapping/recognise-torch.ts';
import { openWeights } from '../formats/open-weights.ts';
import {
  isGraphFile,
  type GraphFile,
  type GraphSignature,
} from '../formats/graph-def/graph-file.ts';
import { isKerasModel } from '../formats/keras/read-keras.ts';
import type { DType } from '../tensors/dtype.ts';
import type { SkippedEntry, WeightFile, WeightFormat } from '../tensors/stored-tensor.ts';
import { listSourceFiles, openSource, type OpenWeightFile } from './open-source.ts';
import { createScratchFolder } from './scratch-folder.ts';

/** The content of a weight file. */
export interface SourceInspection {
  readonly format: WeightFormat;
  readonly tensors: readonly InspectedTensor[];
  /** Entries that are not convertible tensors, with the reasons. */
  readonly skipped: readonly SkippedEntry[];
  /** The ways to call a SavedModel. */
  readonly signatures?: readonly GraphSignature[];
  /** The layers of a whole model of Keras, or the nodes of a graph without its constants, in order. */
  readonly layers?: readonly { readonly name: string; readonly className: string }[];
  /** The net that the names and shapes of weights of PyTorch fit, if it is known. */
  readonly model?: {
    readonly architecture: string;
    readonly title: string;
    readonly classes: number;
  };
  /** What was chosen in the file, or why its net is not known or its graph cannot be converted. */
  readonly notes?: readonly string[];
}

/** A tensor of a weight file. */
export interface InspectedTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** The size of all its elements in bytes. */
  readonly bytes: number;
}

/** The options of {@link inspectSource}. */
export interface InspectOptions {
  /** Whether to read every byte, so that every checksum is verified. */
  readonly verify?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
  readonly fetch?: Fetch;
  /** Milliseconds without a byte after which the server is given up. Default: 30,000. */
  readonly stallMs?: number | undefined;
}

/**
 * Lists the tensors of a weight file, checkpoint, archive or tfjs model, given by path or URL. From a
 * URL only names and shapes are fetched, by ranges; archives have to be local, and are unpacked into
 * a temporary folder.
 *
 * @throws NotFoundError, FormatError, ChecksumError, UnsupportedError, LimitError, DownloadError
 *
 * @example
 * ```ts
 * const { format, tensors } = await inspectSource('model.ckpt');
 * ```
 */
export async function inspectSource(
  source: string,
  options: InspectOptions = {},
): Promise<SourceInspection> {
  if (/^https?:\/\//i.test(source)) {
    const { signal, stallMs, fetch: fetchPage = fetch } = options;
    const folder = openHttpFolder(source, { fetch: fetchPage, signal, stallMs });
    const name = nameFromUrl(source);
    const file = await openWeights(folder, name, { tensorsSuffice: true });
    return describe(file, name, options);
  }
  // This throws an error with similar names if the path does not exist.
  await listSourceFiles(source);
  const scratch = await createScratchFolder(join(tmpdir(), 'gradcam-inspect-'));
  let opened: OpenWeightFile | undefined;
  try {
    opened = await openSource(source, scratch.path, {
      signal: options.signal,
      tensorsSuffice: true,
    });
    return await describe(opened.file, basename(source), options);
  } finally {
    await opened?.close();
    await scratch.remove();
  }
}

async function describe(
  file: WeightFile,
  name: string,
  options: InspectOptions,
): Promise<SourceInspection> {
  const { format, tensors, skipped } = file;
  if (options.verify === true) {
    const totalBytes = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
    let doneBytes = 0;
    for (const tensor of tensors) {
      for await (const chunk of tensor.chunks()) {
        options.signal?.throwIfAborted();
        doneBytes += chunk.length;
        options.onProgress?.(doneBytes, totalBytes);
      }
    }
  }
  return {
    format,
    tensors: tensors.map(({ name, dtype, shape, byteLength }) => ({
      name,
      dtype,
      shape,
      bytes: byteLength,
    })),
    skipped,
    ...(isGraphFile(file) && file.signatures.length > 0 && { signatures: file.signatures }),
    ...(isGraphFile(file) && { layers: listNodes(file) }),
    ...(isKerasModel(file) && { layers: file.model.layers }),
    ...(isTorchFile(file) && describeTorch(file, name)),
    ...(!isTorchFile(file) && file.notes !== undefined && { notes: file.notes }),
  };
}

function describeTorch(file: WeightFile, name: string): Pick<SourceInspection, 'model' | 'notes'> {
  try {
    const { architecture, file: renamed, notes } = recogniseTorch(file, name);
    const { classes } = matchWeights(architecture, renamed);
    return { model: { architecture: architecture.id, title: architecture.title, classes }, notes };
  } catch (error) {
    if (!isConverterError(error)) throw error;
    return { notes: [...(file.notes ?? []), error.message] };
  }
}

function listNodes({ graph }: GraphFile): SourceInspection['layers'] {
  const nodes = graph.nodes.filter(({ weight }) => weight === null);
  return nodes.map(({ name, op }) => ({ name, className: op }));
}
