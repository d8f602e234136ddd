import { isGradcamError, sidecarNames } from '@gradcam/core';
import { findModelJson } from '@gradcam/core/node';
import { findFileInside } from '@gradcam/runs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { splitRequestPath } from './split-request-path.ts';
import { readJsonFile } from './read-json.ts';

/** The facts about a model that the page receives. The model's JSON is served as `models/<id>/model.json`. */
export interface ServedModel {
  readonly id: string;
  /** Files next to the model that describe it, such as its labels. */
  readonly beside: readonly string[];
}

/**
 * The models in the folders, by the names of their folders; the first folder that has a name wins.
 *
 * A link that leads out of its models folder is no model, and neither is a name that no request can
 * ask for.
 */
export async function listServedModels(folders: readonly string[]): Promise<ServedModel[]> {
  const found = new Map<string, ServedModel>();
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.sort()) {
      const isPlain = splitRequestPath(`/${encodeURIComponent(name)}`) !== null;
      if (!isPlain || found.has(name)) continue;
      if ((await findJson(folder, name)) === null) continue;
      found.set(name, { id: name, beside: await listBeside(folder, name) });
    }
  }
  return [...found.values()];
}

/**
 * The JSON of a model's folder, whatever it is called; of one with several none, as `loadModel`
 * takes none.
 */
async function findJson(folder: string, id: string): Promise<string | null> {
  try {
    const json = findModelJson(path.join(folder, id));
    const isFolder = json !== null && path.dirname(json) === path.join(folder, id);
    return isFolder ? findFileInside(folder, [id, path.basename(json)]) : null;
  } catch (error) {
    if (isGradcamError(error, 'argument')) return null;
    throw error;
  }
}

async function listBeside(folder: string, id: string): Promise<string[]> {
  const files = await readdir(path.join(folder, id)).catch(() => []);
  return files.filter((file) => sidecarNames.includes(file));
}

/**
 * The file of a model that a request names: its JSON, asked for as `model.json`, one of the weight
 * files that this lists, or one beside it that says something of it. Whatever else lies in a
 * model's folder is not served.
 *
 * @param names of the model and along the path in its folder.
 */
export async function findModelFile(
  folders: readonly string[],
  [id = '', ...names]: readonly string[],
): Promise<string | null> {
  for (const folder of folders) {
    const json = await findJson(folder, id);
    if (json === null) continue;
    const wanted = names.join('/');
    if (wanted === 'model.json') return json;
    const isListed =
      sidecarNames.includes(wanted) || (await listWeightFiles(json)).includes(wanted);
    return isListed ? findFileInside(folder, [id, ...names]) : null;
  }
  return null;
}

/** Paths of a model's weight files; none where its JSON is broken, which the page finds out itself. */
async function listWeightFiles(json: string): Promise<unknown[]> {
  try {
    const { weightsManifest } = (await readJsonFile(json)) as {
      weightsManifest: readonly { readonly paths: readonly unknown[] }[];
    };
    return weightsManifest.flatMap(({ paths }) => paths);
  } catch {
    return [];
  }
}
