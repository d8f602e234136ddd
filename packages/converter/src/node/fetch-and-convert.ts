import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  DownloadError,
  FormatError,
  isConverterError,
  NotFoundError,
  WriteError,
  type ConverterError,
} from '../errors.ts';
import type { WeightDType } from '../artifact/quantize.ts';
import { nameFromUrl } from '../bytes/http-source.ts';
import { getArchitecture } from '../architectures/registry.ts';
import {
  DEMO_MODELS,
  PUBLISHED_MODELS,
  type PublishedModel,
} from '../registry/published-models.ts';
import { findCacheDirectory } from './cache-directory.ts';
import { convertModel, type ConvertProgress, type ConvertResult } from './convert-model.ts';
import { findDemoWeights } from './demo-weights.ts';
import { discardDownload, downloadFile, type DownloadOptions } from './download.ts';
import { isFile } from './file-source.ts';

/** The model that {@link fetchAndConvert} fetches, and the folder into which it puts the model. */
export interface FetchAndConvertOptions {
  /** Id of a published model or a demo model; with `source`, the id of an architecture. */
  readonly model: string;
  /** Folder that contains model folders. The model is written to `<outDirectory>/<model>`. */
  readonly outDirectory: string;
  /** Path or URL of the weights that replace the published addresses. */
  readonly source?: string | undefined;
  /** Folder for downloads. Default: the user's cache. */
  readonly cacheDirectory?: string | undefined;
  /** How kernels are stored. Default: float32. */
  readonly dtype?: WeightDType | undefined;
  /** Names of the classes, if they are not the published ones. */
  readonly labels?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined;
  /**
   * Is called with one line if the work differs from the request, for example because another source is
   * used.
   */
  readonly onNotice?: ((notice: string) => void) | undefined;
  readonly offline?: boolean | undefined;
  /** The behaviour of downloads, for tests and slow networks. */
  readonly transfer?: Pick<DownloadOptions, 'attempts' | 'backoffMs' | 'stallMs' | 'fetch'>;
}

/** The progress of the work on a model. */
export type FetchProgress =
  | ConvertProgress
  | {
      readonly stage: 'download';
      readonly url: string;
      readonly doneBytes: number;
      readonly totalBytes: number | undefined;
    };

/** A local weight file and its known facts. */
interface LocatedSource {
  readonly path: string;
  /** An address or a file name, for the metadata. */
  readonly uri: string;
  /** The file was downloaded, and no published checksum shows whether the server sent the right bytes. */
  readonly isUnproven?: boolean;
}

/**
 * Fetches published weights (or reads the given ones), checks them and converts them into a model folder.
 * Work that was done before is not repeated.
 *
 * @throws NotFoundError, DownloadError, and what `convertModel` throws
 *
 * @example
 * ```ts
 * await fetchAndConvert({ model: 'demo-resnet', outDirectory: 'models' });
 * ```
 */
export async function fetchAndConvert(options: FetchAndConvertOptions): Promise<ConvertResult> {
  const { model, outDirectory, labels, dtype, signal, onProgress } = options;
  const published = PUBLISHED_MODELS.find(({ id }) => id === model);
  const architecture = published?.architecture ?? getArchitecture(model);
  const located = await locateSource(options);
  try {
    return await convertModel({
      source: located.path,
      architecture,
      out: join(resolve(outDirectory), model),
      ...(published?.architecture !== undefined && { id: model }),
      uri: located.uri,
      labels,
      dtype,
      signal,
      onProgress,
    });
  } catch (error) {
    if (!located.isUnproven || !saysNoWeights(error)) throw error;
    // If the file is missing, the error says nothing about the bytes that the server sent.
    if (!(await isFile(located.path))) {
      throw new WriteError(
        located.path,
        'the downloaded file was removed before it was converted; fetch again',
      );
    }
    await discardDownload(located.path);
    throw new FormatError(
      'download',
      `${located.uri} sent something other than readable weights, so the download was deleted; the next fetch downloads again: ${error.message}`,
      undefined,
      { cause: error },
    );
  }
}

/**
 * Whether the error shows that a file contains no weights. Weights of another net are no reason to download
 * them again.
 */
function saysNoWeights(error: unknown): error is ConverterError {
  const tags = ['FormatError', 'ChecksumError', 'LimitError', 'NotFoundError', 'UnsupportedError'];
  return isConverterError(error) && tags.includes(error.tag);
}

async function locateSource(options: FetchAndConvertOptions): Promise<LocatedSource> {
  const { model, source } = options;
  if (source !== undefined) return locateGiven(source, options);
  const demo = DEMO_MODELS.find(({ id }) => id === model);
  if (demo !== undefined) {
    return { path: await findDemoWeights(demo.fileName), uri: `demo/weights/${demo.fileName}` };
  }
  const published = PUBLISHED_MODELS.find(({ id }) => id === model);
  if (published === undefined) {
    throw new NotFoundError(
      model,
      `no published weights of ${model} are known; give a file or address with --source`,
    );
  }
  try {
    return await downloadPublished(published, options);
  } catch (error) {
    const fallback = PUBLISHED_MODELS.find(({ id }) => id === published.fallback);
    if (!(error instanceof DownloadError) || fallback === undefined) throw error;
    const pages = published.manual ?? [];
    const hint = pages.length > 0 ? `; by hand: ${pages.join(', ')}` : '';
    options.onNotice?.(`${error.message}${hint}; taking ${fallback.fileName} instead`);
    return downloadPublished(fallback, options);
  }
}

async function locateGiven(
  source: string,
  options: FetchAndConvertOptions,
): Promise<LocatedSource> {
  if (/^https?:\/\//i.test(source)) {
    return download({ urls: [source], fileName: nameDownload(source, options.model) }, options);
  }
  const path = source.startsWith('file:') ? fileURLToPath(source) : resolve(source);
  return { path, uri: source };
}

async function downloadPublished(
  published: PublishedModel,
  options: FetchAndConvertOptions,
): Promise<LocatedSource> {
  const { urls, fileName, byteLength, sha1, sha256, sha256Prefix } = published;
  return download({ urls, fileName, byteLength, sha1, sha256, sha256Prefix }, options);
}

async function download(
  file: Pick<
    DownloadOptions,
    'urls' | 'fileName' | 'byteLength' | 'sha1' | 'sha256' | 'sha256Prefix'
  >,
  options: FetchAndConvertOptions,
): Promise<LocatedSource> {
  const { signal, offline, onProgress } = options;
  const downloaded = await downloadFile({
    ...file,
    ...options.transfer,
    cacheDirectory: join(options.cacheDirectory ?? findCacheDirectory(), 'downloads'),
    signal,
    offline,
    onProgress: (progress) => onProgress?.({ stage: 'download', ...progress }),
  });
  const isUnproven = (file.sha1 ?? file.sha256 ?? file.sha256Prefix) === undefined;
  return { path: downloaded.path, uri: downloaded.url, isUnproven };
}

/**
 * The most characters that are kept of a URL's last name: file systems accept 255 bytes, and suffixes
 * follow.
 */
const MAX_NAME_LENGTH = 100;

/**
 * The name of a URL's file in the cache: a digest of the whole address, and the last name of its path. The
 * digest is needed because other hosts, folders and queries have files of the same name.
 */
function nameDownload(url: string, fallback: string): string {
  const digest = createHash('sha256').update(url).digest('hex').slice(0, 16);
  const last = nameFromUrl(url) || fallback;
  return `${digest}-${last.replace(/[^\w.-]/g, '_').slice(-MAX_NAME_LENGTH)}`;
}
