import { GradcamError } from '@gradcam/core';
import { openModelBlobs, type ModelBlob } from '@gradcam/core/browser';
import { kerasName } from './keras-name.ts';
import type { PlacedModel } from './placed-model.ts';
import type { ModelPlace } from './protocol.ts';

/** Most bytes of a file of Keras: it is in memory twice while it is converted. */
const MAX_KERAS_BYTES = 2 ** 30;

/**
 * Opens a model whose files were dropped on the page or chosen there. They are read in this worker and sent
 * nowhere. A file of Keras is converted first.
 *
 * @throws GradcamError `model` where no file is a model; `argument` for several models; errors of the
 *   converter for a file of Keras.
 */
export async function openDroppedModel(
  { name, files }: Extract<ModelPlace, { kind: 'dropped' }>,
  signal: AbortSignal,
): Promise<PlacedModel> {
  const opened = await openModelBlobs([...files, ...(await convertDropped(files, signal))], name);
  return {
    ...opened,
    weightBytes: files.reduce((sum, { blob }) => sum + blob.size, 0),
    async readFile(file, maxBytes) {
      signal.throwIfAborted();
      return opened.readFile(file, maxBytes);
    },
  };
}

/** The converted files of the only model of Keras; none if there is no such model, or another model too. */
async function convertDropped(
  files: readonly ModelBlob[],
  signal: AbortSignal,
): Promise<ModelBlob[]> {
  const top = files.filter(({ path }) => !path.includes('/'));
  const [only, ...others] = top.filter(({ path }) => kerasName.test(path));
  const isOther = top.some(({ path }) => /\.onnx$/i.test(path) || path === 'model.json');
  if (only === undefined || others.length > 0 || isOther) return [];
  const { path, blob } = only;
  if (blob.size > MAX_KERAS_BYTES) {
    throw new GradcamError(
      'model',
      `${path} has ${blob.size} bytes, and the page converts files of Keras of at most ${MAX_KERAS_BYTES}; convert it with: npx gradcam convert ${path} --out <folder>, and drop that folder`,
    );
  }
  const { convertKerasFile } = await import('./keras-file.ts');
  const converted = await convertKerasFile(path, new Uint8Array(await blob.arrayBuffer()), signal);
  return [...converted].map(([name, bytes]) => ({ path: name, blob: new Blob([bytes]) }));
}
