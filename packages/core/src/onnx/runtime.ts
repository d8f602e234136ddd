import type * as ort from 'onnxruntime-common';
import { GradcamError } from '../errors.ts';
import type { CompiledGraph } from './compile.ts';
import { WEIGHTS_FILE } from './graph-writer.ts';

/** What is used of `onnxruntime-node` or `onnxruntime-web`, which the caller hands in. */
export type OnnxRuntime = Pick<typeof ort, 'InferenceSession' | 'Tensor'>;

/** Where graphs run; `cpu` is native threads in Node, wasm threads in browsers. */
export type OnnxProvider = 'cpu' | 'wasm' | 'webgpu' | 'cuda';

export interface OnnxEngineOptions {
  readonly provider?: OnnxProvider;
  /** Threads of one operator; the runtime's own choice by default. */
  readonly threads?: number;
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
  { model, weights }: CompiledGraph,
  { provider = 'cpu', threads }: OnnxEngineOptions,
): Promise<ort.InferenceSession> {
  try {
    return await runtime.InferenceSession.create(model, {
      executionProviders: [provider],
      graphOptimizationLevel: 'all',
      externalData: weights.byteLength > 0 ? [{ path: WEIGHTS_FILE, data: weights }] : [],
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      logSeverityLevel: 3,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    });
  } catch (cause) {
    throw new GradcamError(
      'engine',
      `ONNX Runtime (${provider}) does not take the graph: ${(cause as Error).message.split('\n')[0]}`,
      { cause },
    );
  }
}
