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
 * Lists the models in the given folders of models. A model's id is the name of its folder; if several folders
 * have a model of one name, the first folder wins.
 *
 * A symbolic link that leads out of its folder of models is left out, and so is a name that no request can
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
 * The path of a model's JSON, whatever the file is called. It is null if the model's folder has no JSON or
 * several of them; `loadModel` does not accept several either.
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
 * Finds the file of a model that a request names: the model's JSON, which is requested as `model.json`, a
 * weight file that this JSON lists, or a file beside the model that describes it, such as its labels. No
 * other file in the model's folder is served.
 *
 * @param names the model's id, then the names along the path in its folder.
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

/** Paths of a model's weight files. The list is empty if the JSON is broken; the page reports that itself. */
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
