import type * as ort from 'onnxruntime-common';
import { dropUndefined } from '../../base/drop-undefined.ts';
import { GradcamError } from '../../base/errors.ts';
import { checkFirstRun } from './check-first-run.ts';
import type { CompiledGraph } from './compile.ts';
import { countCores } from './count-cores.ts';
import { STORED_GRAPH, type GraphStore } from './graph-store.ts';
import type { FilePiece, ScratchFolder } from './mapped-weights.ts';

/** The part of `onnxruntime-node` or `onnxruntime-web` that is used. The caller passes the package in. */
export type OnnxRuntime = Pick<typeof ort, 'InferenceSession' | 'Tensor'> &
  Partial<Pick<typeof ort, 'env'>>;

/** Where graphs run; `cpu` means native threads in Node and wasm threads in browsers. */
export type OnnxProvider = 'cpu' | 'wasm' | 'webgpu' | 'cuda';

export interface OnnxEngineOptions {
  readonly provider?: OnnxProvider;
  /**
   * How many threads compute one operator. Default: the cores that the process may use, for provider `cpu` on
   * Linux; elsewhere the runtime chooses.
   */
  readonly threads?: number;
  /**
   * Makes a folder for a session whose model has dense kernels of 12 MiB or more. The kernels are mapped
   * from a file there and take no memory of the process. Without this function they are copied like all
   * others.
   */
  readonly scratch?: () => Promise<ScratchFolder | null>;
  /**
   * Whether each session computes only a pass or two. Graphs are then not optimised, and with `scratch` all
   * weights are mapped from a file there, written one weight at a time. So the first pass is early and takes
   * little memory; every pass is slower. Default: false.
   */
  readonly once?: boolean;
  /**
   * Where compiled graphs are kept between processes (`createGraphStore` of `@gradcam/core/node`), for
   * provider `cpu` and models for which a change of their files can be noticed. By default graphs are not
   * kept.
   */
  readonly store?: GraphStore;
}

/** The runtime's version; `unknown` where the package does not say it. */
export function versionOf({ env }: OnnxRuntime): string {
  return env?.versions.node ?? env?.versions.common ?? 'unknown';
}

/**
 * Creates a session of the runtime from a compiled graph.
 *
 * Spinning is off, because threads that wait busily slow each other down as soon as there are two sessions: a
 * forward pass of ResNet-50 then takes 64 ms instead of 36.
 *
 * @throws GradcamError `engine` with the runtime's own reason.
 */
export async function createRuntimeSession(
  runtime: OnnxRuntime,
  { model, external, cpuNodes }: CompiledGraph,
  options: OnnxEngineOptions,
): Promise<ort.InferenceSession> {
  const externalData = external.map(({ range, bytes }) => ({ path: range.file, data: bytes() }));
  const open = (on: OnnxEngineOptions): Promise<ort.InferenceSession> =>
    attempt(on, () =>
      runtime.InferenceSession.create(model, { ...settings(on, cpuNodes), externalData }),
    );
  return openChecked(options, open);
}

/** Opens a session. What WebGPU computes first is compared with the CPU. */
async function openChecked(
  options: OnnxEngineOptions,
  open: (on: OnnxEngineOptions) => Promise<ort.InferenceSession>,
): Promise<ort.InferenceSession> {
  const session = await open(options);
  if (options.provider !== 'webgpu') return session;
  return checkFirstRun(session, () => open({ ...options, provider: 'cpu' }));
}

/**
 * As {@link createRuntimeSession}, but through files, because the runtime maps weights from files only. The
 * graph's own files are removed as soon as the session is open.
 *
 * @param name the graph's name, as it was given to {@link graphFile}.
 */
export async function createSessionFromFiles(
  runtime: OnnxRuntime,
  compiled: CompiledGraph,
  options: OnnxEngineOptions,
  folder: ScratchFolder,
  name: string,
): Promise<ort.InferenceSession> {
  return openChecked(options, (on) =>
    withFiles(compiled, folder, name, (path) =>
      attempt(on, () => runtime.InferenceSession.create(path, settings(on, compiled.cpuNodes))),
    ),
  );
}

/**
 * Lets the runtime optimise a graph for this machine and write it into a folder as {@link STORED_GRAPH}, with
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

/** Opens a graph that {@link writeStoredGraph} wrote. Its weights are mapped from their file. */
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
    // Each kernel is rearranged just before it is written, so that only one at a time is in memory.
    for (const { range, bytes } of external) yield { offset: range.offset, bytes: bytes() };
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

/** Name of a graph that the runtime has not optimised yet. */
export const COMPILED = 'compiled';

/** Name of the external file with a graph's weights. */
export function graphFile(name: string): string {
  return `${name}.bin`;
}

function settings(
  { provider = 'cpu', threads: asked, once = false }: OnnxEngineOptions,
  cpuNodes: readonly string[] = [],
) {
  const threads = asked ?? (provider === 'cpu' ? countCores() : null);
  return {
    executionProviders: [
      provider === 'webgpu' && cpuNodes.length > 0
        ? { name: provider, forceCpuNodeNames: cpuNodes }
        : provider,
    ],
    graphOptimizationLevel: once ? 'disabled' : 'all',
    // With this option the runtime would keep one block of memory for all values. That block is no faster
    // and adds to the memory of the first pass: guided backpropagation of VGG16 would hold 237 MB instead
    // of 132 MB.
    enableMemPattern: false,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    // Nothing: errors are thrown too, and a batch that a copied node does not take is no error. The runtime
    // would warn about mapped weights, and about graphs optimised for one machine.
    logSeverityLevel: 4,
    ...dropUndefined({ intraOpNumThreads: threads ?? undefined }),
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
