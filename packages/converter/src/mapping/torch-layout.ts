import type { WeightRecord } from '../architectures/network.ts';
import { UnsupportedError } from '../errors.ts';
import { isStridedTensor } from '../tensors/strided-tensor.ts';
import type { StoredTensor } from '../tensors/stored-tensor.ts';

/** How a weight's tensor of PyTorch becomes the weight: its shape, and its axes in the order of the model. */
export interface TorchLayout {
  readonly view: readonly number[];
  readonly axes: readonly number[];
}

/**
 * The layout of a weight in PyTorch: kernels are [out, in, rows, columns], those of dense layers [out, in].
 * Where the input of a dense layer was a grid, `in` is channels, rows, columns.
 */
export function describeTorchLayout(weight: WeightRecord): TorchLayout {
  const { shape, parameter, grid } = weight;
  const [first = 1, second = 1, third = 1, fourth = 1] = shape;
  if (parameter === 'layer_scale') return { view: [third, 1, 1, 1], axes: [1, 2, 0, 3] };
  if (parameter === 'depthwise_kernel') {
    return { view: [third, 1, first, second], axes: [2, 3, 0, 1] };
  }
  if (shape.length === 4) return { view: [fourth, third, first, second], axes: [2, 3, 1, 0] };
  if (shape.length !== 2) return { view: shape, axes: shape.map((_, axis) => axis) };
  if (grid === undefined) return { view: [second, first], axes: [1, 0] };
  const [rows, columns] = grid;
  return { view: [second, first / (rows * columns), rows, columns], axes: [2, 3, 1, 0] };
}

/**
 * Whether a tensor has a layout's shape, also with its grid flattened or with axes of size 1 more or less.
 */
export function fitsTorchLayout(found: readonly number[], { view }: TorchLayout): boolean {
  const [out = 1, ...rest] = view;
  const flat = [out, rest.reduce((product, size) => product * size, 1)];
  return [view, flat].some((wanted) => squeeze(found) === squeeze(wanted));
}

/**
 * The tensor in the order of the model.
 *
 * @throws UnsupportedError for a tensor of a file in which only whole arrays are read
 */
export function arrangeTensor(tensor: StoredTensor, layout: TorchLayout): StoredTensor {
  if (layout.axes.every((axis, index) => axis === index)) return tensor;
  if (isStridedTensor(tensor)) return tensor.rearrange(layout.view, layout.axes);
  throw new UnsupportedError(
    'layout of PyTorch',
    `${tensor.name}: weights in the layout of PyTorch are read from .pth, .pt and .safetensors files only`,
  );
}

function squeeze(shape: readonly number[]): string {
  return shape.filter((size) => size !== 1).join();
}
