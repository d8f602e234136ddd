import type * as ort from 'onnxruntime-common';
import { GradcamError } from '../../base/errors.ts';
import type { CompiledGraph } from './compile.ts';
import { countCores } from './count-cores.ts';
import { STORED_GRAPH, type GraphStore } from './graph-store.ts';
import { bytesOf, type FilePiece, type ScratchFolder } from './mapped-weights.ts';

/** What is used of `onnxruntime-node` or `onnxruntime-web`, which the caller hands in. */
export type OnnxRuntime = Pick<typeof ort, 'InferenceSession' | 'Tensor'> &
  Partial<Pick<typeof ort, 'env'>>;

/** Where graphs run; `cpu` is native threads in Node, wasm threads in browsers. */
export type OnnxProvider = 'cpu' | 'wasm' | 'webgpu' | 'cuda';

export interface OnnxEngineOptions {
  readonly provider?: OnnxProvider;
  /**
   * Threads of one operator. By default, for provider `cpu` on Linux, the cores that the process may use;
   * elsewhere the runtime's own choice.
   */
  readonly threads?: number;
  /**
   * Makes a folder for a session whose model has dense kernels of 12 MiB or more: they are mapped from
   * a file there, and take no memory of the process. Without it they are copied like all others.
   */
  readonly scratch?: () => Promise<ScratchFolder | null>;
  /**
   * Where compiled graphs are kept between processes (`createGraphStore` of `@gradcam/core/node`), for
   * provider `cpu` and models whose files tell when they change. By default they are not kept.
   */
  readonly store?: GraphStore;
}

/** The runtime's version, as far as it tells. */
export function versionOf({ env }: OnnxRuntime): string {
  return env?.versions.node ?? env?.versions.common ?? 'unknown';
}

/**
 * Creates a session of the runtime from a compiled graph.
 *
 * Spinning is off: threads that wait busily slow each other down as soon as there are two sessions
 * (36 to 64 ms for a ResNet-50 forward).
 *
 * @throws GradcamError `engine` with the runtime's own reason.
 */
export async function createRuntimeSession(
  runtime: OnnxRuntime,
  { model, external }: CompiledGraph,
  options: OnnxEngineOptions,
): Promise<ort.InferenceSession> {
  const externalData = external.map(({ range, array }) => ({
    path: range.file,
    data: bytesOf(array.data),
  }));
  return attempt(options, () =>
    runtime.InferenceSession.create(model, { ...settings(options), externalData }),
  );
}

/**
 * The same by way of files, since the runtime maps only from those; they are gone again when the
 * session is there.
 *
 * @param name of the graph's files, the same as in {@link graphFile}.
 */
export async function createSessionFromFiles(
  runtime: OnnxRuntime,
  compiled: CompiledGraph,
  options: OnnxEngineOptions,
  folder: ScratchFolder,
  name: string,
): Promise<ort.InferenceSession> {
  return withFiles(compiled, folder, name, (path) =>
    attempt(options, () => runtime.InferenceSession.create(path, settings(options))),
  );
}

/**
 * Lets the runtime arrange a graph for this machine and write it to {@link STORED_GRAPH} of a folder, with
 * its weights in a file beside it.
 */
export async function writeStoredGraph(
  runtime: OnnxRuntime,
  compiled: CompiledGraph,
  options: OnnxEngineOptions,
  folder: ScratchFolder,
): Promise<void> {
  const session = await withFiles(compiled, folder, COMPILED, (path) => {
    const asIs = settings(options);
    return attempt(options, () =>
      runtime.InferenceSession.create(path, {
        ...asIs,
        optimizedModelFilePath: folder.pathOf(STORED_GRAPH),
        extra: {
          session: {
            ...asIs.extra.session,
            optimized_model_external_initializers_file_name: 'graph.bin',
            optimized_model_external_initializers_min_size_in_bytes: '1024',
          },
        },
      }),
    );
  });
  await session.release();
}

/** Opens a graph that {@link writeStoredGraph} wrote; its weights are mapped from their file. */
export async function openStoredGraph(
  runtime: OnnxRuntime,
  path: string,
  options: OnnxEngineOptions,
): Promise<ort.InferenceSession> {
  return attempt(options, () =>
    runtime.InferenceSession.create(path, {
      ...settings(options),
      graphOptimizationLevel: 'disabled',
    }),
  );
}

async function withFiles(
  { model, external }: CompiledGraph,
  folder: ScratchFolder,
  name: string,
  create: (path: string) => Promise<ort.InferenceSession>,
): Promise<ort.InferenceSession> {
  function* pieces(): Generator<FilePiece> {
    // One kernel at a time is arranged and in memory.
    for (const { range, array } of external) {
      yield { offset: range.offset, bytes: bytesOf(array.data) };
    }
  }
  const files = [graphFile(name), `${name}.onnx`] as const;
  await folder.write(files[0], pieces());
  await folder.write(files[1], [{ offset: 0, bytes: model }]);
  try {
    return await create(folder.pathOf(files[1]));
  } finally {
    for (const file of files) await folder.remove(file);
  }
}

/** Name of a graph that the runtime is yet to arrange. */
export const COMPILED = 'compiled';

/** The external file of a graph that goes by files. */
export function graphFile(name: string): string {
  return `${name}.bin`;
}

function settings({ provider = 'cpu', threads: asked }: OnnxEngineOptions) {
  const threads = asked ?? (provider === 'cpu' ? countCores() : null);
  return {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    // One block for all values would come on top of what the first run took, and is no faster: guided
    // backpropagation of VGG16 would hold 237 MB instead of 132.
    enableMemPattern: false,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    // Errors only: mapped weights, and graphs that are for this machine alone, are announced as warnings.
    logSeverityLevel: 3,
    ...(threads === null ? {} : { intraOpNumThreads: threads }),
  } as const;
}

async function attempt(
  { provider = 'cpu' }: OnnxEngineOptions,
  create: () => Promise<ort.InferenceSession>,
): Promise<ort.InferenceSession> {
  try {
    return await create();
  } catch (cause) {
    throw new GradcamError(
      'engine',
      `ONNX Runtime (${provider}) does not take the graph: ${(cause as Error).message.split('\n')[0]}`,
      { cause },
    );
  }
}
