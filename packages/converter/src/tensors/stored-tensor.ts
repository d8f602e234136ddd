import { LimitError } from '../errors.ts';
import { MAX_RANK, MAX_TENSOR_BYTES } from '../bytes/limits.ts';
import { ELEMENT_BYTES, type DType } from './dtype.ts';

/** A tensor in a file. None of its content is in memory. */
export interface StoredTensor {
  readonly name: string;
  readonly dtype: DType;
  /** The shape in row-major order, as the users of the file know it; [] is a scalar. */
  readonly shape: readonly number[];
  /** Bytes of all elements. */
  readonly byteLength: number;
  /**
   * Reads the elements in row-major order, little-endian, in chunks of at most `CHUNK_BYTES` that contain
   * whole elements. A chunk may alias the source, so do not change it. Checksums that cover the tensor are
   * verified on the way. Each call reads the tensor again.
   *
   * @throws ChecksumError at the latest after the last chunk
   */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>;
}

/** An entry of a weight file that is not a convertible tensor. */
export interface SkippedEntry {
  readonly name: string;
  readonly reason: string;
}

/** The content of a weight file. */
export interface WeightFile {
  readonly format: WeightFormat;
  /** The tensors in the order of the file. */
  readonly tensors: readonly StoredTensor[];
  readonly skipped: readonly SkippedEntry[];
  /**
   * What was chosen in the file, a sentence each, such as the part of a checkpoint that holds the weights.
   */
  readonly notes?: readonly string[];
  /** The modules of a whole model of PyTorch, which say more than the weights. */
  readonly modules?: readonly TorchModule[] | undefined;
}

/** A module of a whole model of PyTorch, read as data. */
export interface TorchModule {
  /** Its place in the model, such as `layer1.0.conv1`; empty for the model itself. */
  readonly path: string;
  /** Its class, such as `Conv2d` or `torchvision.ResNet`. */
  readonly className: string;
  /** Its attributes that are numbers, truths, texts or tuples of numbers. */
  readonly attributes: ReadonlyMap<string, ModuleAttribute>;
  /** Whether it contains other modules. */
  readonly hasChildren: boolean;
}

/** A plain attribute of a module. */
export type ModuleAttribute = number | boolean | string | null | readonly number[];

/** The formats of weight files that this package reads. */
export type WeightFormat =
  | 'npy'
  | 'npy-pickle'
  | 'npz'
  | 'tf-checkpoint-v1'
  | 'tf-checkpoint-v2'
  | 'tfjs-layers'
  | 'keras-h5'
  | 'keras-zip'
  | 'torch-zip'
  | 'torch-legacy'
  | 'torch-tar'
  | 'safetensors'
  | 'tf-saved-model'
  | 'tf-frozen-graph';

/** Number of elements of a shape, as a floating-point number. Check it before you allocate memory. */
export function countElements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Computes the byte length of a tensor and checks it against the limits.
 *
 * @throws LimitError when rank or size exceed `MAX_RANK` or `MAX_TENSOR_BYTES`
 */
export function measureTensor(name: string, dtype: DType, shape: readonly number[]): number {
  if (shape.length > MAX_RANK) throw new LimitError(`rank of ${name}`, MAX_RANK, shape.length);
  const wrong = shape.find((size) => !Number.isSafeInteger(size) || size < 0);
  if (wrong !== undefined) throw new LimitError(`a dimension of ${name}`, MAX_TENSOR_BYTES, wrong);
  const byteLength = countElements(shape) * ELEMENT_BYTES[dtype];
  // A dimension of 0 must not hide impossibly large ones.
  const largest = countElements(shape.filter((size) => size > 0));
  if (byteLength > MAX_TENSOR_BYTES || largest > MAX_TENSOR_BYTES) {
    throw new LimitError(
      `size of ${name} [${shape.join(', ')}] in bytes`,
      MAX_TENSOR_BYTES,
      Math.max(byteLength, largest),
    );
  }
  return byteLength;
}

/** A shape for messages: `[3, 3, 64, 64]`. */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
