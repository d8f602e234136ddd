import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { GradcamError } from '../base/errors.ts';
import { STORED_GRAPH, type GraphStore } from '../engines/onnx/graph-store.ts';
import { findDamage, writeManifest } from './graph-manifest.ts';
import { scratchFolderAt } from './scratch-folder.ts';
import { removeAbandoned, temporaryName } from './temporary-name.ts';

export interface GraphStoreOptions {
  /** The folder of all graphs. A missing folder is created, readable by its owner only. */
  readonly folder: string;
  /** Above this total size, the least recently used graphs are removed; default 2 GiB. */
  readonly limitBytes?: number;
  /** Models with fewer bytes of weights are not kept, because compiling them is as fast; default 16 MiB. */
  readonly fromBytes?: number;
  /**
   * Called with one line that says why a graph is not kept or is made again. The engine continues its work.
   */
  readonly onNote?: (text: string) => void;
}

const LIMIT_BYTES = 2 * 2 ** 30;
const FROM_BYTES = 16 * 2 ** 20;

/**
 * Graphs are made in folders with this prefix. A folder that a killed process of this machine left behind is
 * removed when the next graph of that model is made; a folder of another machine is removed at the age below.
 */
const MAKING = '.making-';
const ABANDONED_AFTER_MS = 60 * 60 * 1000;

/**
 * Keeps compiled graphs in a folder as `<model>/<graph>/graph.onnx`; both names are digests of what the graph
 * was made from. A graph appears whole, by a rename, so several processes may share the folder. A graph whose
 * files were cut, replaced or overwritten is made again.
 *
 * ```ts
 * createOnnxEngine(ort, { store: createGraphStore({ folder: 'graphs' }) });
 * ```
 */
export function createGraphStore(options: GraphStoreOptions): GraphStore {
  const { folder, limitBytes = LIMIT_BYTES, fromBytes = FROM_BYTES, onNote = () => {} } = options;
  return {
    fromBytes,
    async openModel(identity) {
      const { platform, arch } = process;
      const home = path.join(folder, digest(JSON.stringify([...identity, platform, arch])));
      const folderOf = (source: Uint8Array): string => path.join(home, digest(source));
      return {
        isKnown: await isThere(home),
        async open(source, make) {
          const place = folderOf(source);
          const file = path.join(place, STORED_GRAPH);
          try {
            if (await isThere(place)) {
              const damage = await findDamage(place);
              if (damage === null) {
                await markUsed(place);
                return file;
              }
              onNote(`the compiled graph ${place} is damaged (${damage}), and made again`);
              await rm(place, { recursive: true, force: true });
            }
            await makeWhole(home, place, async (making) => make(scratchFolderAt(making)));
            await trim(folder, limitBytes, place);
            return file;
          } catch (error) {
            // A fault of the model would be the same without a store.
            if (error instanceof GradcamError && error.kind === 'model') throw error;
            onNote(
              `compiled graphs are not kept in ${folder}: ${(error as Error).message.split('\n')[0]}`,
            );
            return null;
          }
        },
        async remove(source) {
          onNote(`the compiled graph ${folderOf(source)} is damaged, and removed`);
          await rm(folderOf(source), { recursive: true, force: true });
        },
      };
    },
  };
}

function digest(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex').slice(0, 32);
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** Sets the time of a graph's folder, which says when the graph was last used. */
async function markUsed(place: string): Promise<void> {
  const now = new Date();
  // In a read-only folder the time cannot be set.
  await utimes(place, now, now).catch(() => {});
}

async function makeWhole(
  home: string,
  place: string,
  make: (folder: string) => Promise<void>,
): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  await removeAbandoned(path.join(home, MAKING));
  const making = temporaryName(path.join(home, MAKING));
  await mkdir(making, { mode: 0o700 });
  try {
    await make(making);
    await writeManifest(making);
    await rename(making, place);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    // Another process has made the same graph meanwhile.
    if (await isThere(path.join(place, STORED_GRAPH))) return;
    throw error;
  }
}

interface Kept {
  readonly place: string;
  readonly bytes: number;
  readonly usedAt: number;
}

/** Removes the least recently used graphs until the rest fits. `spared` is never removed. */
async function trim(folder: string, limitBytes: number, spared: string): Promise<void> {
  const kept = await listKept(folder);
  let bytes = kept.reduce((sum, graph) => sum + graph.bytes, 0);
  for (const graph of kept.sort((a, b) => a.usedAt - b.usedAt)) {
    const isAbandoned =
      path.basename(graph.place).startsWith(MAKING) &&
      Date.now() - graph.usedAt > ABANDONED_AFTER_MS;
    if (graph.place === spared || (bytes <= limitBytes && !isAbandoned)) continue;
    // Windows does not remove files that are in use; a later call removes them.
    await rm(graph.place, { recursive: true, force: true }).catch(() => {});
    bytes -= graph.bytes;
  }
}

async function listKept(folder: string): Promise<Kept[]> {
  const kept: Kept[] = [];
  for (const model of await readdir(folder)) {
    for (const graph of await readdir(path.join(folder, model)).catch(() => [])) {
      const place = path.join(folder, model, graph);
      const sizes = await Promise.all(
        (await readdir(place).catch(() => [])).map((name) =>
          stat(path.join(place, name)).then(
            ({ size }) => size,
            () => 0,
          ),
        ),
      );
      const found = await stat(place).catch(() => null);
      if (found === null) continue;
      kept.push({ place, bytes: sizes.reduce((a, b) => a + b, 0), usedAt: found.mtimeMs });
    }
  }
  return kept;
}
