import type { RandomAccessSource } from '../bytes/source.ts';
import { swapByteOrder } from './array-chunks.ts';
import { ELEMENT_BYTES, getSwapBytes, type DType } from './dtype.ts';
import { measureTensor, type StoredTensor } from './stored-tensor.ts';
import { readStridedChunks, type StridedView } from './strided-chunks.ts';

/** A tensor that can be read in another order of its axes, such as a kernel of PyTorch. */
export interface StridedTensor extends StoredTensor {
  /**
   * The same elements in another order: the shape is first read as `view`, which may cut axes into several
   * and leave out axes of size 1, and then its axes are put into the order `axes`.
   */
  rearrange(view: readonly number[], axes: readonly number[]): StoredTensor;
}

/** Describes a tensor whose elements are anywhere in a source. */
export interface StridedTensorFacts extends StridedView {
  readonly name: string;
  readonly dtype: DType;
  readonly bigEndian?: boolean | undefined;
  /** Opens the bytes whose first element has the number 0. It is called for each reading. */
  open(): RandomAccessSource | Promise<RandomAccessSource>;
}

/** Makes a tensor from the places of its elements, which the caller has checked against the source. */
export function createStridedTensor(facts: StridedTensorFacts): StridedTensor {
  const { name, dtype, shape } = facts;
  return {
    name,
    dtype,
    shape,
    byteLength: measureTensor(name, dtype, shape),
    chunks: () => readElements(facts),
    rearrange(view, axes) {
      const strides = splitStrides(facts, view);
      return createStridedTensor({
        ...facts,
        shape: axes.map((axis) => view[axis]!),
        strides: axes.map((axis) => strides[axis]!),
      });
    },
  };
}

/** Whether a tensor can be rearranged. */
export function isStridedTensor(tensor: StoredTensor): tensor is StridedTensor {
  return 'rearrange' in tensor;
}

/** The strides of a shape in row-major order. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = strides[axis + 1]! * Math.max(1, shape[axis + 1]!);
  }
  return strides;
}

async function* readElements(
  facts: StridedTensorFacts,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { dtype, bigEndian = false } = facts;
  const source = await facts.open();
  const swapBytes = bigEndian ? getSwapBytes(dtype) : 1;
  for await (const chunk of readStridedChunks(source, facts, ELEMENT_BYTES[dtype])) {
    yield swapBytes === 1 ? chunk : swapByteOrder(chunk, swapBytes);
  }
}

/** The strides of a view that cuts the axes of a shape. Axes of size 1 have no place and need none. */
function splitStrides({ shape, strides }: StridedView, view: readonly number[]): readonly number[] {
  const result = view.map(() => 0);
  let axis = view.length - 1;
  for (let from = shape.length - 1; from >= 0; from--) {
    let rest = shape[from]!;
    let step = strides[from]!;
    for (; axis >= 0 && rest > 1; axis--) {
      const size = view[axis]!;
      if (size === 1) continue;
      if (rest % size !== 0) break;
      result[axis] = step;
      rest /= size;
      step *= size;
    }
    if (rest > 1) throw new RangeError(`a view [${view.join()}] of [${shape.join()}]`);
  }
  return result;
}
