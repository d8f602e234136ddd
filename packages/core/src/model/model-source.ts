import { GradcamError } from '../base/errors.ts';
import { filesOfArtifacts, type ModelArtifacts } from './model-artifacts.ts';
import { modelFilesInMemory, type ModelFiles } from '../readers/model-files.ts';
import { filesOfLayersModel, type LiveLayersModel } from './live-model.ts';
import { openModelUrl } from './model-url.ts';

/** A tfjs `IOHandler` that can load, e.g. `tf.io.browserFiles(..)`, `tf.io.http(..)`. */
export interface ModelHandler {
  load?: () => Promise<ModelArtifacts>;
}

/** Everything that a model can be loaded from. */
export type ModelSource = ModelFiles | string | URL | ModelHandler | LiveLayersModel;

/**
 * Opens a model's files, from a URL, an IOHandler or a live `tf.LayersModel`. A live model's weights are
 * copied, and none of its tensors is changed or disposed.
 *
 * @throws GradcamError `argument` for anything else; `model` for an IOHandler that fails.
 */
export async function openModelSource(source: ModelSource): Promise<ModelFiles> {
  if (typeof source === 'string' || source instanceof URL) return openModelUrl(source);
  if ('readFile' in source) return source;
  if ('layers' in source) return filesOfLayersModel(source);
  if (typeof source.load === 'function') {
    return modelFilesInMemory(filesOfArtifacts(await loadArtifacts(source)), 'the IOHandler');
  }
  throw new GradcamError(
    'argument',
    'a model is loaded from its files, a URL, an IOHandler that can load, or a live tf.LayersModel; for a live GraphModel give the URL that it came from',
  );
}

async function loadArtifacts(handler: ModelHandler): Promise<ModelArtifacts> {
  try {
    return await handler.load!();
  } catch (cause) {
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw new GradcamError('model', `the IOHandler does not load: ${reason}`, { cause });
  }
}
