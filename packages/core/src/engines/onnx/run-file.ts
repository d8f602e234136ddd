import type * as ort from 'onnxruntime-common';
import { encodeHalf } from '../../base/half-precision.ts';
import { countElements, type NdArray } from '../../base/nd-array.ts';
import type { RawTensor } from '../../network/copied-node.ts';
import type { OnnxFileInput, OnnxFileRun, OnnxValuesRun } from '../port/engine.ts';
import { GradcamError } from '../../base/errors.ts';
import type { OnnxEngineOptions, OnnxRuntime } from './runtime.ts';

/**
 * Runs an untouched ONNX file once.
 *
 * @throws GradcamError `engine` with the runtime's own reason.
 */
export async function runOnnxFile(
  { inputs, outputs, ...file }: OnnxFileRun,
  runtime: OnnxRuntime,
  options: OnnxEngineOptions,
): Promise<Map<string, NdArray>> {
  return withSession(file, runtime, options, async (session) => {
    const found = await session.run(toFeeds(inputs, runtime), [...outputs]);
    return new Map(outputs.map((name) => [name, toArray(found[name]!)]));
  });
}

/**
 * Runs an ONNX file on several sets of inputs, and returns values in the file's own element types.
 *
 * @throws GradcamError as {@link RunOnnxValues}.
 */
export async function runOnnxValues(
  { inputs, outputs, maxValues, ...file }: OnnxValuesRun,
  runtime: OnnxRuntime,
  options: OnnxEngineOptions,
): Promise<ReadonlyMap<string, RawTensor>[]> {
  return withSession(file, runtime, options, async (session) => {
    for (const value of session.outputMetadata) refuseLarge(value, maxValues);
    const found: ReadonlyMap<string, RawTensor>[] = [];
    for (const one of inputs) {
      const values = await session.run(toFeeds(one, runtime), [...outputs]);
      found.push(new Map(outputs.map((name) => [name, toRaw(name, values[name]!)])));
    }
    return found;
  });
}

async function withSession<T>(
  { model, external }: Pick<OnnxFileRun, 'model' | 'external'>,
  { InferenceSession }: OnnxRuntime,
  { provider = 'cpu' }: OnnxEngineOptions,
  use: (session: ort.InferenceSession) => Promise<T>,
): Promise<T> {
  let session: ort.InferenceSession | null = null;
  try {
    session = await InferenceSession.create(model, {
      executionProviders: [provider],
      // For a single pass, full optimisation would take longer than it saves.
      graphOptimizationLevel: 'basic',
      enableMemPattern: false,
      logSeverityLevel: 4,
      extra: {
        session: { intra_op: { allow_spinning: '0' } },
        // It changes what the file says: see `lowerPad`.
        optimization: { disable_specified_optimizers: 'Pad_Fusion' },
      },
      externalData: [...external].map(([path, data]) => ({ path, data })),
    });
    return await use(session);
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new GradcamError('engine', `ONNX Runtime does not run the file itself: ${reason}`, {
      cause,
    });
  } finally {
    await session?.release();
  }
}

/** A shape that the runtime has inferred before the run. Sizes that it does not know are texts. */
function refuseLarge(value: ort.InferenceSession.ValueMetadata, maxValues: number): void {
  if (!value.isTensor) return;
  const known = value.shape.filter((size) => typeof size === 'number');
  if (countElements(known) <= maxValues) return;
  throw new Error(`${value.name} would have shape [${value.shape.join(', ')}]`);
}

function toFeeds(
  inputs: ReadonlyMap<string, OnnxFileInput>,
  runtime: OnnxRuntime,
): Record<string, ort.Tensor> {
  return Object.fromEntries([...inputs].map(([name, input]) => [name, toTensor(input, runtime)]));
}

function toTensor({ shape, data, type }: OnnxFileInput, { Tensor }: OnnxRuntime): ort.Tensor {
  const dims = [...shape];
  switch (type) {
    case 'float32':
      return new Tensor('float32', data, dims);
    case 'float64':
      return new Tensor('float64', Float64Array.from(data), dims);
    case 'float16':
      return new Tensor('float16', Uint16Array.from(data, encodeHalf), dims);
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

/** Numbers of element types in onnx.proto, by the runtime's names. */
const elementTypes: Readonly<Partial<Record<ort.Tensor.Type, number>>> = {
  ...{ float32: 1, uint8: 2, int8: 3, uint16: 4, int16: 5, int32: 6, int64: 7, bool: 9 },
  ...{ float16: 10, float64: 11, uint32: 12, uint64: 13 },
};

function toRaw(name: string, { type, dims, data }: ort.Tensor): RawTensor {
  const number = elementTypes[type];
  if (number === undefined || !ArrayBuffer.isView(data)) {
    throw new Error(`value '${name}' holds ${type}, expected numbers`);
  }
  const { buffer, byteOffset, byteLength } = data;
  return { type: number, shape: [...dims], bytes: new Uint8Array(buffer, byteOffset, byteLength) };
}
