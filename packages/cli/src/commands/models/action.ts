import {
  DEMO_MODELS,
  findTorchArchitecture,
  listArchitectures,
  PUBLISHED_MODELS,
} from '@gradcam/converter';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { exitCodes, type ExitCode } from '../../exit-codes.ts';
import { isModelPlace, listModelFolders } from '../../models/model-folders.ts';
import { wordNetIds, wordNetTitles } from '../../models/word-nets.ts';
import { createTerminal } from '../../terminal/messages.ts';

export interface ModelsFlags {
  readonly models?: string;
  readonly json?: boolean;
}

interface ModelRow {
  readonly id: string;
  readonly title: string;
  /** The folder of the converted model; null if the model is not on this machine. */
  readonly folder: string | null;
  /** The size of the download in bytes: 0 for the demo nets, null if no weights are published. */
  readonly downloadBytes: number | null;
}

/** `gradcam models`: lists the models that can be fetched and those on this machine. */
export async function runModels(flags: ModelsFlags): Promise<ExitCode> {
  const terminal = createTerminal({});
  const installed = await findModels(listModelFolders(flags.models));
  const rows = [...listArchitectures(), ...listWordNets(), ...listTorchvision()].map(
    ({ id, title }) => describeModel(id, title, installed),
  );
  const known = new Set(rows.map(({ id }) => id));
  for (const [id, folder] of installed) {
    if (!known.has(id)) rows.push({ id, title: 'your own model', folder, downloadBytes: null });
  }
  if (flags.json) {
    terminal.out(JSON.stringify(rows));
    return exitCodes.done;
  }
  const width = Math.max(...rows.map(({ id }) => id.length));
  for (const row of rows) {
    terminal.out(`${row.id.padEnd(width)}  ${describeState(row).padEnd(28)}  ${row.title}`);
  }
  return exitCodes.done;
}

/** The weights that torchvision publishes, each a model of its own. */
function listTorchvision(): { id: string; title: string }[] {
  return PUBLISHED_MODELS.flatMap(({ id, architecture }) => {
    const net = architecture === undefined ? undefined : findTorchArchitecture(architecture);
    return net === undefined ? [] : [{ id, title: net.title }];
  });
}

function listWordNets(): { id: string; title: string }[] {
  return wordNetIds.map((id) => ({ id, title: wordNetTitles[id]! }));
}

function describeModel(
  id: string,
  title: string,
  installed: ReadonlyMap<string, string>,
): ModelRow {
  const published = PUBLISHED_MODELS.find((model) => model.id === id);
  const isDemo = wordNetIds.includes(id) || DEMO_MODELS.some((model) => model.id === id);
  const bytes = published?.byteLength ?? published?.approximateBytes ?? null;
  return { id, title, folder: installed.get(id) ?? null, downloadBytes: isDemo ? 0 : bytes };
}

function describeState({ folder, downloadBytes }: ModelRow): string {
  if (folder !== null) return folder;
  if (downloadBytes === null) return 'convert your own weights';
  return downloadBytes === 0
    ? 'can be fetched from this repository'
    : `can be fetched, ${Math.round(downloadBytes / 1e6)} MB`;
}

/**
 * Finds the folder of each model, by the model's id. If several folders have a model of one id, the first one
 * counts.
 */
async function findModels(folders: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.sort()) {
      const candidate = path.join(folder, name);
      if (!found.has(name) && isModelPlace(candidate)) found.set(name, candidate);
    }
  }
  return found;
}
