import type * as ort from 'onnxruntime-common';
import { GradcamError } from '../errors.ts';
import type { CompiledGraph } from './compile.ts';
import type { ScratchFolder } from './mapped-weights.ts';

/** What is used of `onnxruntime-node` or `onnxruntime-web`, which the caller hands in. */
export type OnnxRuntime = Pick<typeof ort, 'InferenceSession' | 'Tensor'>;

/** Where graphs run; `cpu` is native threads in Node, wasm threads in browsers. */
export type OnnxProvider = 'cpu' | 'wasm' | 'webgpu' | 'cuda';

export interface OnnxEngineOptions {
  readonly provider?: OnnxProvider;
  /** Threads of one operator; the runtime's own choice by default. */
  readonly threads?: number;
  /**
   * Makes a folder for a session whose model has dense kernels of 32 MiB or more: they are mapped from
   * a file there, and take no memory of the process. Without it they are copied like all others.
   */
  readonly scratch?: () => Promise<ScratchFolder>;
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
  const externalData = external.map(({ range, values }) => ({
    path: range.file,
    data: bytesOf(values),
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
  { model, external }: CompiledGraph,
  options: OnnxEngineOptions,
  folder: ScratchFolder,
  name: string,
): Promise<ort.InferenceSession> {
  const pieces = external.map(({ range, values }) => ({
    offset: range.offset,
    bytes: bytesOf(values),
  }));
  const files = [graphFile(name), `${name}.onnx`] as const;
  await folder.write(files[0], pieces);
  await folder.write(files[1], [{ offset: 0, bytes: model }]);
  try {
    return await attempt(options, () =>
      runtime.InferenceSession.create(folder.pathOf(files[1]), settings(options)),
    );
  } finally {
    for (const file of files) await folder.remove(file);
  }
}

/** The external file of a graph that goes by files. */
export function graphFile(name: string): string {
  return `${name}.bin`;
}

function settings({ provider = 'cpu', threads }: OnnxEngineOptions) {
  return {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    // Errors only: mapped weights are announced as warnings.
    logSeverityLevel: 3,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
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

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
