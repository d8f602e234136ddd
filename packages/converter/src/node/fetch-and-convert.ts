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
  /** Id of a published or demo model; with `source`, of an architecture. */
  readonly model: string;
  /** Folder that holds model folders; the model comes to `<outDirectory>/<model>`. */
  readonly outDirectory: string;
  /** Path or URL that stands in for the published addresses. */
  readonly source?: string | undefined;
  /** Folder for downloads; the user's cache by default. */
  readonly cacheDirectory?: string | undefined;
  /** How kernels are stored; float32 by default. */
  readonly dtype?: WeightDType | undefined;
  /** Names of the classes, when they are not the published ones. */
  readonly labels?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined;
  /** Called with one line when something else than asked for is done: another source, say. */
  readonly onNotice?: ((notice: string) => void) | undefined;
  readonly offline?: boolean | undefined;
  /** How downloads behave; for tests and slow networks. */
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

/** A local weight file and what is known of it. */
interface LocatedSource {
  readonly path: string;
  /** For the metadata: an address, or a file name. */
  readonly uri: string;
  /** Downloaded, and no published checksum tells whether the server sent the right thing. */
  readonly isUnproven?: boolean;
}

/**
 * Fetches published weights (or takes the given ones), checks them and converts them into a model
 * folder. Work that is done already is not done again.
 *
 * @throws NotFoundError, DownloadError, and what `convertModel` throws
 *
 * @example
 * ```ts
 * await fetchAndConvert({ model: 'resnet_v1_50', outDirectory: 'models' });
 * ```
 */
export async function fetchAndConvert(options: FetchAndConvertOptions): Promise<ConvertResult> {
  const { model, outDirectory, labels, dtype, signal, onProgress } = options;
  const architecture = getArchitecture(model);
  const located = await locateSource(options);
  try {
    return await convertModel({
      source: located.path,
      architecture,
      out: join(resolve(outDirectory), model),
      uri: located.uri,
      labels,
      dtype,
      signal,
      onProgress,
    });
  } catch (error) {
    if (!located.isUnproven || !saysNoWeights(error)) throw error;
    // A file that is gone says nothing of what the server sent.
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

/** What is wrong with the bytes of a file. Weights of another net are no reason to fetch them again. */
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
  const { urls, fileName, byteLength, sha1, sha256 } = published;
  return download({ urls, fileName, byteLength, sha1, sha256 }, options);
}

async function download(
  file: Pick<DownloadOptions, 'urls' | 'fileName' | 'byteLength' | 'sha1' | 'sha256'>,
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
  const isUnproven = (file.sha1 ?? file.sha256) === undefined;
  return { path: downloaded.path, uri: downloaded.url, isUnproven };
}

/** Longest part of a URL's last name that is kept: file systems take 255 bytes, and suffixes follow. */
const MAX_NAME_LENGTH = 100;

/**
 * The name of a URL's file in the cache: the last one of its path, behind a digest of the whole address,
 * since other hosts, folders and queries have files of the same name.
 */
function nameDownload(url: string, fallback: string): string {
  const digest = createHash('sha256').update(url).digest('hex').slice(0, 16);
  const last = nameFromUrl(url) || fallback;
  return `${digest}-${last.replace(/[^\w.-]/g, '_').slice(-MAX_NAME_LENGTH)}`;
}
