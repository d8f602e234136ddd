import { isFrozenGraph } from '../formats/graph-def/is-frozen-graph.ts';
import { isFile, openFileSource } from './file-source.ts';
import { findSavedModel } from './find-saved-model.ts';
import { findWebGraph } from './web-graph-folder.ts';

/**
 * Which model of TensorFlow that {@link convertModel} reads is at a path; null for none. The names in its
 * folder tell a SavedModel; a frozen graph is called `.pb` and begins with a node. The folder of a graph with
 * `weights_manifest.json`, as tensorflowjs_converter 0.x wrote it, is a frozen graph too.
 *
 * @example
 * ```ts
 * if (await identifyTensorFlow('export')) await convertModel({ source: 'export', out: 'models/net' });
 * ```
 */
export async function identifyTensorFlow(
  path: string,
): Promise<'saved-model' | 'frozen-graph' | null> {
  if ((await findSavedModel(path)) !== null) return 'saved-model';
  if ((await findWebGraph(path)) !== null) return 'frozen-graph';
  if (!/\.pb$/i.test(path) || !(await isFile(path))) return null;
  const source = await openFileSource(path);
  const isFrozen = await isFrozenGraph(source).finally(() => source.close());
  return isFrozen ? 'frozen-graph' : null;
}
