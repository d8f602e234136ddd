import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isFrozenGraph } from '../formats/graph-def/is-frozen-graph.ts';
import { WEB_MANIFEST } from '../formats/model-format.ts';
import { isFile, openFileSource } from './file-source.ts';

/**
 * Finds the graph that tensorflowjs_converter 0.x wrote: the only `.pb` file beside `weights_manifest.json`.
 *
 * @param path the folder, or its manifest.
 * @returns the path of the graph; null for any other folder or file.
 */
export async function findWebGraph(path: string): Promise<string | null> {
  const folder = basename(path) === WEB_MANIFEST ? dirname(path) : path;
  const names = await readdir(folder).catch((): string[] => []);
  if (!names.includes(WEB_MANIFEST)) return null;
  const [only, ...others] = names.filter((name) => /\.pb$/i.test(name));
  if (only === undefined || others.length > 0) return null;
  const graph = join(folder, only);
  return (await isWebGraph(graph)) ? graph : null;
}

/** The graph, the manifest and the shards, if a path is a graph with a manifest beside it; else null. */
export async function listWebGraphFiles(path: string): Promise<string[] | null> {
  if (!/\.pb$/i.test(path) || !(await isWebGraph(path))) return null;
  const folder = dirname(path);
  const names = (await readdir(folder)).filter((name) => /\.bin$|shard\d+of\d+/.test(name));
  return [path, join(folder, WEB_MANIFEST), ...names.sort().map((name) => join(folder, name))];
}

async function isWebGraph(path: string): Promise<boolean> {
  if (!(await isFile(path)) || !(await isFile(join(dirname(path), WEB_MANIFEST)))) return false;
  const source = await openFileSource(path);
  return isFrozenGraph(source).finally(() => source.close());
}
