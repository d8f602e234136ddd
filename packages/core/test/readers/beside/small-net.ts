import type { NdArray } from '../../../src/base/nd-array.ts';
import type { ModelFiles } from '../../../src/readers/model-files.ts';
import { input, layer, sequentialModel, type LayerSpec } from '../../helper/keras-model.ts';
import { filesOf } from '../../helper/model-files.ts';

export function array(shape: readonly number[], values: readonly number[]): NdArray {
  return { shape, data: Float32Array.from(values) };
}

/**
 * A net whose scores are the mean of the first channel that its dense layer sees, times 1, 2, ..: what it was
 * given can be told from them by hand.
 */
export function smallNet(
  classes: number,
  {
    size = [8, 8],
    first = [],
    activation = 'linear',
  }: {
    size?: readonly (number | null)[];
    first?: readonly LayerSpec[];
    activation?: string;
  } = {},
): ModelFiles & { readOptional: NonNullable<ModelFiles['readOptional']> } {
  const kernel = Array.from({ length: 3 * classes }, (_, i) => (i < classes ? i + 1 : 0));
  const net = sequentialModel([
    input('image', ...(size as number[]), 3),
    ...first,
    layer('AveragePooling2D', 'halves', { pool_size: [2, 2], strides: [2, 2], padding: 'valid' }),
    layer('GlobalAveragePooling2D', 'pool'),
    layer(
      'Dense',
      'scores',
      { units: classes, activation },
      { kernel: array([3, classes], kernel), bias: array([classes], Array(classes).fill(0)) },
    ),
  ]);
  return filesOf(net) as ReturnType<typeof smallNet>;
}

/** The same with texts, or JSON, beside it. */
export function beside(
  files: ModelFiles,
  others: Readonly<Record<string, string | Uint8Array | object>>,
): ModelFiles {
  const bytesOf = (value: string | Uint8Array | object): Uint8Array =>
    value instanceof Uint8Array
      ? value
      : new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
  return {
    ...files,
    readOptional: async (name) => (Object.hasOwn(others, name) ? bytesOf(others[name]!) : null),
  };
}
