import { CHUNK_BYTES } from '../bytes/limits.ts';
import { countElements, type StoredTensor } from '../tensors/stored-tensor.ts';
import { readFloat32Chunks } from '../tensors/to-float32.ts';
import type { Quantization, WeightEntry, WeightsGroup } from './model-json.ts';
import {
  isQuantizable,
  planQuantization,
  quantizeChunks,
  WEIGHT_BYTES,
  type WeightDType,
} from './quantize.ts';
import { nameShards, planShards } from './shards.ts';
import type { ArtifactSink } from './sink.ts';
import { writeShards, type WeightBytes } from './write-shards.ts';

/** A weight of the model, and the tensor that contains its values. */
export interface WeightToStore {
  readonly name: string;
  readonly shape: readonly number[];
  readonly tensor: StoredTensor;
  /**
   * Whether integers and booleans of a tfjs model keep their type. By default, everything becomes float32.
   */
  readonly keep?: boolean | undefined;
}

/** How weights are stored. */
export interface StoreOptions {
  readonly dtype?: WeightDType | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
}

/** Weights that were written into shards. */
export interface StoredWeights {
  readonly group: WeightsGroup;
  /** sha256 of each shard. */
  readonly digests: Readonly<Record<string, string>>;
  readonly byteLength: number;
  /** Tensors with values that float32 cannot hold exactly. */
  readonly rounded: readonly { readonly name: string; readonly values: number }[];
}

/** Writes weights into shards and returns their entries for the manifest. */
export async function storeWeights(
  sink: ArtifactSink,
  weights: readonly WeightToStore[],
  options: StoreOptions = {},
): Promise<StoredWeights> {
  const { dtype = 'float32', signal } = options;
  const rounded = new Map<string, number>();
  const quantizations = new Map<string, Quantization>();
  const stored = weights.map((weight) => describeBytes(weight, dtype, rounded, quantizations));
  const sizes = planShards(
    stored.map(({ byteLength }) => byteLength),
    CHUNK_BYTES,
  );
  const paths = nameShards(sizes.length);
  const byteLength = sizes.reduce((sum, size) => sum + size, 0);
  const shards = paths.map((name, index) => ({ name, byteLength: sizes[index] ?? 0 }));
  const digests = await writeShards(sink, stored, shards, {
    signal,
    onProgress: (done) => options.onProgress?.(done, byteLength),
  });
  const entries = weights.map(({ name, shape, tensor, keep }): WeightEntry => {
    const quantization = quantizations.get(name);
    const entry = { name, shape, dtype: keep === true ? tensor.dtype : 'float32' };
    return quantization === undefined ? entry : { ...entry, quantization };
  });
  return {
    group: { paths, weights: entries },
    digests,
    byteLength,
    rounded: [...rounded].map(([name, values]) => ({ name, values })),
  };
}

function describeBytes(
  weight: WeightToStore,
  dtype: WeightDType,
  rounded: Map<string, number>,
  quantizations: Map<string, Quantization>,
): WeightBytes {
  const { name, shape, tensor } = weight;
  if (weight.keep === true) {
    return { name, byteLength: tensor.byteLength, chunks: () => tensor.chunks() };
  }
  const count = countElements(shape);
  const readFloats = () => {
    // A quantised weight is read twice, so the earlier count is replaced.
    rounded.delete(tensor.name);
    return readFloat32Chunks(tensor, {
      onRounded: (values) => rounded.set(tensor.name, (rounded.get(tensor.name) ?? 0) + values),
    });
  };
  if (dtype === 'float32' || !isQuantizable(shape)) {
    return { name, byteLength: count * WEIGHT_BYTES.float32, chunks: readFloats };
  }
  return {
    name,
    byteLength: count * WEIGHT_BYTES[dtype],
    async *chunks() {
      const quantization = await planQuantization(name, readFloats, dtype);
      quantizations.set(name, quantization);
      yield* quantizeChunks(readFloats, quantization);
    },
  };
}
