import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Architecture } from '../architectures/architecture.ts';
import { getArchitecture } from '../architectures/registry.ts';
import {
  CONVERTED_BY,
  convertWeights,
  type ConversionReport,
} from '../artifact/convert-weights.ts';
import { createDirectorySink } from './directory-sink.ts';
import { digestFiles } from './digest.ts';
import { listSourceFiles, openSource } from './open-source.ts';
import { withOutputDirectory } from './output-directory.ts';
import { isUpToDate } from './up-to-date.ts';

/** What {@link convertModel} converts, and how. */
export interface ConvertModelOptions {
  /** Path of a weight file, checkpoint prefix or archive. */
  readonly source: string;
  /** Id of an architecture, or one of your own. */
  readonly architecture: string | Architecture;
  /** Folder of the model; it becomes a whole artifact, or stays as it was. */
  readonly out: string;
  /** Id of the model; the architecture's by default. */
  readonly id?: string;
  /** Where the source came from, for the metadata; its base name by default. */
  readonly uri?: string;
  /** Names of the classes, when they are not the published ones. */
  readonly labels?: readonly string[];
  /** Ends the work early; `out` stays as it was. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ConvertProgress) => void) | undefined;
}

/** How far a conversion is. */
export interface ConvertProgress {
  readonly stage: 'digest' | 'unpack' | 'convert';
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** What {@link convertModel} did. */
export interface ConvertResult {
  /** Absolute path of the model folder. */
  readonly directory: string;
  /** sha256 of the source. */
  readonly sourceSha256: string;
  /** `undefined` when the folder already held this very conversion, and was left alone. */
  readonly report: ConversionReport | undefined;
}

/**
 * Converts published weights into a tfjs LayersModel folder: checked while they stream, put in place
 * only when whole.
 *
 * @throws NotFoundError, FormatError, ChecksumError, LimitError, UnsupportedError, MappingError,
 * LockedError, WriteError; the signal's reason when aborted
 *
 * @example
 * ```ts
 * await convertModel({ source: 'vgg16.npy', architecture: 'vgg16', out: 'models/vgg16' });
 * ```
 */
export async function convertModel(options: ConvertModelOptions): Promise<ConvertResult> {
  const { signal, onProgress, labels } = options;
  const architecture =
    typeof options.architecture === 'string'
      ? getArchitecture(options.architecture)
      : options.architecture;
  const id = options.id ?? architecture.id;
  const directory = resolve(options.out);
  const files = await listSourceFiles(options.source);
  const sourceSha256 = await digestSource(files, options);
  const conversion = digestConversion({ sourceSha256, id, architecture, labels });
  if (await isUpToDate(directory, conversion)) {
    return { directory, sourceSha256, report: undefined };
  }
  return withOutputDirectory(directory, async (output) => {
    // Another process may have finished the same work before this one got the lock.
    if (await isUpToDate(directory, conversion)) {
      return { directory, sourceSha256, report: undefined };
    }
    const opened = await openSource(options.source, output.scratchPath, {
      signal,
      onProgress: (doneBytes, totalBytes) =>
        onProgress?.({ stage: 'unpack', doneBytes, totalBytes }),
    });
    const sink = createDirectorySink(output.artifactPath);
    try {
      const report = await convertWeights({
        file: opened.file,
        architecture,
        id,
        source: { uri: options.uri ?? basename(options.source), sha256: sourceSha256 },
        conversion,
        sink,
        labels,
        signal,
        onProgress: (doneBytes, totalBytes) =>
          onProgress?.({ stage: 'convert', doneBytes, totalBytes }),
      });
      signal?.throwIfAborted();
      await output.commit();
      return { directory, sourceSha256, report };
    } finally {
      await sink.abandon();
      await opened.close();
    }
  });
}

async function digestSource(
  files: readonly string[],
  options: ConvertModelOptions,
): Promise<string> {
  const { signal, onProgress } = options;
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
  let doneBytes = 0;
  return digestFiles(files, {
    signal,
    onBytes(bytes) {
      doneBytes += bytes;
      onProgress?.({ stage: 'digest', doneBytes, totalBytes });
    },
  });
}

function digestConversion(inputs: {
  sourceSha256: string;
  id: string;
  architecture: Architecture;
  labels: readonly string[] | undefined;
}): string {
  const { sourceSha256, id, architecture, labels } = inputs;
  // An architecture of the caller's own has no version: its net and inputs are part of the digest.
  const net = architecture.draft(architecture.classes);
  const parts = [CONVERTED_BY, sourceSha256, id, architecture, net, labels ?? null];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
