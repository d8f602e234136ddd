import { foreignRuntime } from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import type { ModelSource, OpenedModel } from '@gradcam/service/http';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { spawnThread } from '../../model-thread/spawn-thread.ts';
import { startModelThread } from '../../model-thread/start-model-thread.ts';
import { describeAnyModel } from '../../models/describe-any.ts';
import { findModel } from '../../models/find-model.ts';
import { openInputs } from '../../models/further-inputs.ts';
import { printSources } from '../../models/print-sources.ts';
import type { Terminal } from '../../terminal/messages.ts';
import { CommandError } from '../../exit-codes.ts';
import { isGradcamError } from '@gradcam/core';

/** How the models are run. */
export interface SourceOptions {
  readonly engine: string;
  readonly threads: number | undefined;
}

/** Milliseconds for which the list of a folder's models is used again. */
const LIST_MS = 1000;

/**
 * The models in folders of models, each run in a thread of its own. A model's id is the name of its folder or
 * file there; if several folders have a model of one name, the first folder wins. Nothing else can be asked
 * for: an id is looked up in the list and never becomes a path.
 */
export function openModelFolders(
  folders: readonly string[],
  { engine, threads }: SourceOptions,
  terminal: Terminal,
): ModelSource {
  let listed = new Map<string, string>();
  let at = -Infinity;
  const list = async (): Promise<ReadonlyMap<string, string>> => {
    if (performance.now() - at > LIST_MS) {
      listed = await listModels(folders);
      at = performance.now();
    }
    return listed;
  };
  const locate = async (id: string): Promise<string> => {
    const location = (await list()).get(id);
    if (location === undefined) throw new Error(`${id} is not in the list of models`);
    return location;
  };
  return {
    list: async () => [...(await list()).keys()],
    describe: async (id) => describeAnyModel(openModelFolder(await locate(id))),
    async open(id) {
      return openModel(id, await locate(id), { engine, threads }, terminal);
    },
  };
}

async function openModel(
  id: string,
  location: string,
  { engine, threads }: SourceOptions,
  terminal: Terminal,
): Promise<OpenedModel> {
  const files = openModelFolder(location);
  const described = await describeAnyModel(files);
  const { model, overrides, others } = await openInputs(files, described, {}, new Map(), {
    text: true,
  });
  const main = await files.readFile(files.onnx ?? 'model.json');
  const runtime = foreignRuntime(model.network);
  const thread = startModelThread(
    { folder: location, engine, runtime, threads, overrides, inputs: others.values },
    terminal,
    spawnThread(),
  );
  const { engine: name } = await thread.ready;
  printSources(model, terminal);
  return {
    id,
    description: model,
    digest: createHash('sha256').update(main).digest('hex'),
    engine: name,
    explainer: thread,
    close: () => thread.close(),
  };
}

/** The location of each model, by its id. */
async function listModels(folders: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.sort()) {
      if (name.startsWith('.') || name === 'model.json' || found.has(name)) continue;
      const location = locateModel(path.join(folder, name));
      if (location !== null) found.set(name, location);
    }
  }
  return found;
}

function locateModel(place: string): string | null {
  try {
    return findModel(place, undefined);
  } catch (error) {
    // No model, or several in one folder.
    if (error instanceof CommandError || isGradcamError(error)) return null;
    throw error;
  }
}
