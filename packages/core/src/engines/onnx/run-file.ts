import type * as ort from 'onnxruntime-common';
import type { NdArray } from '../../base/nd-array.ts';
import type { OnnxFileInput, OnnxFileRun } from '../port/engine.ts';
import { GradcamError } from '../../base/errors.ts';
import type { OnnxEngineOptions, OnnxRuntime } from './runtime.ts';

/**
 * Runs an untouched ONNX file once.
 *
 * @throws GradcamError `engine` with the runtime's own reason.
 */
export async function runOnnxFile(
  { model, external, inputs, outputs }: OnnxFileRun,
  runtime: OnnxRuntime,
  { provider = 'cpu' }: OnnxEngineOptions,
): Promise<Map<string, NdArray>> {
  let session: ort.InferenceSession | null = null;
  try {
    session = await runtime.InferenceSession.create(model, {
      executionProviders: [provider],
      // For a single pass, full optimisation would take longer than it saves.
      graphOptimizationLevel: 'basic',
      enableMemPattern: false,
      logSeverityLevel: 4,
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      externalData: [...external].map(([path, data]) => ({ path, data })),
    });
    const feeds = Object.fromEntries(
      [...inputs].map(([name, input]) => [name, toTensor(input, runtime)]),
    );
    const found = await session.run(feeds, [...outputs]);
    return new Map(outputs.map((name) => [name, toArray(found[name]!)]));
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new GradcamError('engine', `ONNX Runtime does not run the file itself: ${reason}`, {
      cause,
    });
  } finally {
    await session?.release();
  }
}

function toTensor({ shape, data, type }: OnnxFileInput, { Tensor }: OnnxRuntime): ort.Tensor {
  const dims = [...shape];
  switch (type) {
    case 'float32':
      return new Tensor('float32', data, dims);
    case 'float64':
      return new Tensor('float64', Float64Array.from(data), dims);
    case 'uint8':
      return new Tensor('uint8', Uint8Array.from(data), dims);
    case 'int32':
      return new Tensor('int32', Int32Array.from(data), dims);
    case 'int64':
      return new Tensor('int64', BigInt64Array.from(data, BigInt), dims);
  }
}

function toArray({ dims, data }: ort.Tensor): NdArray {
  const values = data as ArrayLike<number | bigint>;
  return {
    shape: [...dims],
    data: values instanceof Float32Array ? values : Float32Array.from(values, Number),
  };
}
