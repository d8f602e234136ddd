import { findCacheDirectory, type TransferProgress } from '@gradcam/converter/node';
import { isConverterError } from '@gradcam/converter';
import {
  findVocabularyFile,
  MAX_VOCABULARY_BYTES,
  openModelUrl,
  sidecarNames,
} from '@gradcam/core';
import { isWebAddress } from '@gradcam/runs';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal/messages.ts';

/** Number of hex digits of the digest that names the folder of an address. */
const DIGITS = 16;

/** The most bytes of a file next to the model, such as its labels. */
const MAX_SIDECAR_BYTES = 4 * 2 ** 20;

/** The most characters of a name in the cache: file systems accept 255 bytes, and suffixes follow. */
const MAX_NAME_LENGTH = 100;

/** Files of one model that is converted before it is explained. A query may follow the name. */
const CONVERTED = /\.(h5|hdf5|keras|pth|pt|safetensors)$/i;

/** Whether an address names a file that has to be converted, by the end of its path. */
export function isConvertedAddress(address: string): boolean {
  return isWebAddress(address) && CONVERTED.test(new URL(address).pathname);
}

/** What {@link withDownload} takes besides the address. */
export interface DownloadSettings {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TransferProgress) => void;
}

/**
 * Downloads a model's file into the cache, with the files beside it that describe models, and hands over its
 * path. A download that was cut off is continued. A file that was downloaded before is used as it is, which a
 * note says, and no server is asked. A file that turns out to be damaged is removed from the cache.
 *
 * @throws CommandError 75 with the server's reason; what `use` throws.
 */
export async function withDownload<T>(
  address: string,
  terminal: Pick<Terminal, 'note'>,
  settings: DownloadSettings,
  use: (file: string) => Promise<T>,
): Promise<T> {
  const digest = createHash('sha256').update(address).digest('hex').slice(0, DIGITS);
  const folder = path.join(findCacheDirectory(), 'downloads', digest);
  const file = path.join(folder, nameOf(address));
  if (existsSync(file)) {
    terminal.note(`${address} was downloaded before; delete ${folder} to download it again`);
  } else {
    await copySidecars(address, folder);
  }
  const { discardDownload, downloadFile } = await import('./converter.ts');
  const found = await downloadFile({
    urls: [address],
    cacheDirectory: folder,
    fileName: path.basename(file),
    elsewhere: 'get the file elsewhere and give its path',
    ...settings,
  });
  try {
    return await use(found.path);
  } catch (error) {
    const isDamaged =
      isConverterError(error) && ['FormatError', 'ChecksumError'].includes(error.tag);
    if (!isDamaged) throw error;
    await discardDownload(found.path);
    throw new CommandError(
      exitCodes.badData,
      `${address}: ${error.message}; the download was deleted, so the next command downloads it again`,
      { cause: error },
    );
  }
}

/** The last part of the address's path, in letters that every file system takes. */
function nameOf(address: string): string {
  const last = new URL(address).pathname.split('/').at(-1) ?? '';
  return last.replace(/[^\w.-]/g, '_').slice(-MAX_NAME_LENGTH) || 'model';
}

/** The description is only a help, so a server that does not have it, or fails, is no error here. */
async function copySidecars(address: string, folder: string): Promise<void> {
  const beside = openModelUrl(new URL('model.json', address));
  for (const name of sidecarNames) {
    const bytes = await beside.readOptional?.(name, MAX_SIDECAR_BYTES).catch(() => null);
    if (!bytes) continue;
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, name), bytes);
    const words = name === 'gradcam.json' ? findVocabularyFile(bytes) : null;
    if (words === null) continue;
    const list = await beside.readFile(words, MAX_VOCABULARY_BYTES).catch(() => null);
    if (list !== null) await writeFile(path.join(folder, words), list);
  }
}
