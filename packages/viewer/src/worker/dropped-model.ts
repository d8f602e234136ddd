import { openModelBlobs } from '@gradcam/core/browser';
import type { PlacedModel } from './placed-model.ts';
import type { ModelPlace } from './protocol.ts';

/**
 * Opens a model whose files were dropped on the page or chosen there. They are read in this worker and sent
 * nowhere.
 *
 * @throws GradcamError `model` where no file is a model; `argument` for several models.
 */
export async function openDroppedModel(
  { name, files }: Extract<ModelPlace, { kind: 'dropped' }>,
  signal: AbortSignal,
): Promise<PlacedModel> {
  const opened = await openModelBlobs(files, name);
  return {
    ...opened,
    weightBytes: files.reduce((sum, { blob }) => sum + blob.size, 0),
    async readFile(file, maxBytes) {
      signal.throwIfAborted();
      return opened.readFile(file, maxBytes);
    },
  };
}
