import { describe, expect, test } from 'vitest';
import { getArchitecture } from '../../src/architectures/registry.ts';
import type { NetworkDraft } from '../../src/architectures/network.ts';
import { matchWeights, requireCompleteMatch } from '../../src/mapping/match-weights.ts';
import type { StoredTensor, WeightFile } from '../../src/tensors/stored-tensor.ts';

const architecture = getArchitecture('vgg16');
const [npy, slim] = architecture.variants;

function createTensor(name: string, shape: readonly number[]): StoredTensor {
  return { name, dtype: 'float32', shape, byteLength: 0, async *chunks() {} };
}

/** All tensors of a net under the names of a variant. */
function createFile(draft: NetworkDraft, nameOf: typeof npy = npy): WeightFile {
  const tensors = draft.weights.map((weight) =>
    createTensor(nameOf!.nameWeight(weight)[0]!, weight.shape),
  );
  return { format: 'npy-pickle', tensors, skipped: [] };
}

describe('matching', () => {
  const whole = createFile(architecture.draft(1000));

  test('takes every weight, and tells what is left over and why', () => {
    const extra = ['global_step', 'conv1_1/0/Momentum', 'rois'].map((name) =>
      createTensor(name, []),
    );
    const skipped = [{ name: 'graph', reason: 'dtype string' }];
    const match = matchWeights(architecture, {
      ...whole,
      tensors: [...whole.tensors, ...extra],
      skipped,
    });
    requireCompleteMatch(match, 'vgg16.npy');
    expect(match.used).toHaveLength(32);
    expect(match.unused).toEqual([
      { name: 'global_step', reason: 'training step counter' },
      { name: 'conv1_1/0/Momentum', reason: 'optimizer state' },
      { name: 'rois', reason: 'not used by this architecture' },
      ...skipped,
    ]);
  });

  test('sees by the names which form of the net it is', () => {
    const match = matchWeights(architecture, createFile(architecture.draft(1000), slim));
    expect(match.variant.naming).toBe('tf-slim');
    expect(match.variant.input.channelOrder).toBe('rgb');
    expect(match.missing).toEqual([]);
  });

  test('takes a head of another number of classes', () => {
    const match = matchWeights(architecture, createFile(architecture.draft(7)));
    requireCompleteMatch(match, 'flowers.npy');
    expect(match.classes).toBe(7);
    expect(match.draft.weights.at(-1)?.shape).toEqual([7]);
  });

  test('takes a convolution over the whole grid for a dense layer', () => {
    const tensors = createFile(architecture.draft(1000), slim).tensors.map((tensor) =>
      tensor.name === 'vgg_16/fc6/weights' ? createTensor(tensor.name, [7, 7, 512, 4096]) : tensor,
    );
    const match = matchWeights(architecture, { ...whole, tensors });
    expect(match.mismatched).toEqual([]);
    expect(match.used).toHaveLength(32);
  });

  test('names what is missing, and what is nearest to it', () => {
    const tensors = whole.tensors.map((tensor) =>
      tensor.name === 'conv3_2/0' ? createTensor('conv3-2/0', tensor.shape) : tensor,
    );
    const match = matchWeights(architecture, { ...whole, tensors });
    expect(match.missing).toEqual([{ wanted: 'conv3_2/0', nearest: 'conv3-2/0' }]);
    expect(() => requireCompleteMatch(match, 'my.npy')).toThrow(
      "my.npy is no vgg16: 1 of 32 weights are missing; first: 'conv3_2/0' (nearest: 'conv3-2/0')",
    );
  });

  test('names a wrong shape with both shapes', () => {
    const tensors = whole.tensors.map((tensor) =>
      tensor.name === 'fc7/0' ? createTensor('fc7/0', [4096, 100]) : tensor,
    );
    const match = matchWeights(architecture, { ...whole, tensors });
    expect(() => requireCompleteMatch(match, 'my.npy')).toThrow(
      "1 have another shape, first 'fc7/0': expected [4096, 4096], found [4096, 100]",
    );
  });
});
