import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findRecord, replaceShards } from '../artifact/find-record.ts';
import { MODEL_JSON } from '../artifact/convert-weights.ts';
import type { ConvertedModelJson } from '../artifact/model-json.ts';
import { REPLACED_FILE, replaceFile } from './replace-file.ts';

/**
 * Names of shards, as `nameShards` makes them. If a folder contains several groups, only one belongs to the
 * model.
 */
const SHARD = /^group(\d+)-(shard\d+of\d+\.bin)$/;

/**
 * Puts the files of a new artifact into a folder that may contain an earlier one. At every moment the
 * folder's `model.json` and all its shards are present. First come the new shards, as a group that the
 * folder does not have yet; then `model.json` is replaced in one step; then the earlier shards are removed.
 * A shard that the earlier `model.json` lists too keeps its name, because writing it does not damage the
 * earlier model.
 *
 * @param from folder of the complete new artifact. The caller removes what is left of it.
 * @throws the system's error; the earlier artifact is then unchanged
 */
export async function replaceModel(from: string, target: string): Promise<void> {
  const earlier = (await readdir(target)).filter((name) => SHARD.test(name));
  const made = await readModel(from);
  const isSame = haveSameShards(made, await readModel(target).catch(() => undefined));
  const group = isSame ? null : findFreeGroup(earlier);
  const placed: string[] = [];
  try {
    for (const name of await readdir(from)) {
      if (!SHARD.test(name)) continue;
      const place = nameInGroup(name, group);
      placed.push(place);
      await rename(join(from, name), join(target, place));
    }
    await syncDirectory(target);
    const text = `${JSON.stringify(moveToGroup(made, group))}\n`;
    await replaceFile(join(target, MODEL_JSON), text, join(from, 'next.json'));
  } catch (error) {
    const useless = placed.filter((name) => !earlier.includes(name));
    for (const name of useless) await removeFile(join(target, name));
    throw error;
  }
  await syncDirectory(target);
  // The next run finds and removes what is left here.
  for (const name of earlier) if (!placed.includes(name)) await removeFile(join(target, name));
}

async function readModel(folder: string): Promise<ConvertedModelJson> {
  return JSON.parse(await readFile(join(folder, MODEL_JSON), 'utf8')) as ConvertedModelJson;
}

function haveSameShards(
  made: ConvertedModelJson,
  earlier: ConvertedModelJson | undefined,
): boolean {
  const sortedShards = (model: ConvertedModelJson | undefined) =>
    Object.entries((model === undefined ? undefined : findRecord(model))?.shards ?? {}).sort();
  return JSON.stringify(sortedShards(made)) === JSON.stringify(sortedShards(earlier));
}

async function removeFile(file: string): Promise<void> {
  await rm(file, { force: true }).catch(() => undefined);
}

function findFreeGroup(shards: readonly string[]): number {
  const taken = new Set(shards.map((name) => Number(SHARD.exec(name)?.[1])));
  for (let group = 1; ; group++) if (!taken.has(group)) return group;
}

/** @param group the number of the group, or null to keep the present one */
function nameInGroup(shard: string, group: number | null): string {
  return group === null ? shard : shard.replace(SHARD, `group${group}-$2`);
}

function moveToGroup(model: ConvertedModelJson, group: number | null): ConvertedModelJson {
  const shards = Object.entries(findRecord(model)?.shards ?? {}).map(([name, digest]) => [
    nameInGroup(name, group),
    digest,
  ]);
  return {
    ...model,
    weightsManifest: model.weightsManifest.map((one) => ({
      ...one,
      paths: one.paths.map((name) => nameInGroup(name, group)),
    })),
    userDefinedMetadata: replaceShards(model, Object.fromEntries(shards)),
  };
}

/**
 * Files that a killed process left in a model's folder: shards that its `model.json` does not list, and
 * unfinished files. The list is empty for a folder whose `model.json` was not written by this package.
 */
export async function listStrayFiles(target: string): Promise<string[]> {
  const names = await readdir(target).catch((): string[] => []);
  if (!names.includes(MODEL_JSON)) return [];
  try {
    const model = await readModel(target);
    const listed = new Set(Object.keys(findRecord(model)!.shards));
    const isStray = (name: string) =>
      REPLACED_FILE.test(name) || (SHARD.test(name) && !listed.has(name));
    return names.filter(isStray).map((name) => join(target, name));
  } catch {
    return [];
  }
}

/** Makes renames survive a loss of power, on platforms that can sync folders. */
export async function syncDirectory(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // Windows cannot open folders. Its renames are journalled.
  }
}
