import { describe, expect, test } from 'vitest';
import { deriveGradient, rules } from '../../../src/network/derive/derive.ts';
import type { Network } from '../../../src/network/network.ts';
import type { OpKind } from '../../../src/network/op.ts';
import { operations } from '../../../src/engines/tfjs/operations.ts';
import { buildLayer, layerCases } from '../../helper/layer-cases.ts';
import { buildValueOp, valueOpCases } from '../../helper/value-op-cases.ts';

const written = 'derivatives write it, and are not differentiated again';

/** Why an op has no derivative. */
const withoutDerivative: Readonly<Partial<Record<OpKind, string>>> = {
  constant: 'a weight: nothing that is explained lies before it',
  depthwiseConv2dAdjoint: written,
  denseAdjoint: written,
  batchNormAdjoint: written,
  layerNormGradient: written,
  reluGradient: written,
  preluGradient: written,
  activationGradient: written,
  softmaxGradient: written,
  sigmoidGradient: written,
  maxPoolGradient: written,
  averagePoolAdjoint: written,
  globalAveragePoolAdjoint: written,
  globalMaxPoolGradient: written,
  resizeAdjoint: written,
  resizeNearestAdjoint: written,
  gatherAdjoint: written,
  opaqueGradient: written,
};

/** Why an op has no case of TensorFlow or PyTorch in the contract suites. */
const withoutCase: Readonly<Partial<Record<OpKind, string>>> = {
  opaque: 'tfjs-layers computes it: test/tfjs-layers',
  opaqueGradient: 'tfjs-layers computes it: test/tfjs-layers',
  lookUp: 'Embedding of Keras: network/layer-rows.test.ts',
};

const kinds = Object.keys(operations) as OpKind[];

describe('every op of the op set', () => {
  test('has a derivative, or a reason why it has none', () => {
    const unclear = kinds.filter(
      (kind) => Object.hasOwn(rules, kind) === Object.hasOwn(withoutDerivative, kind),
    );
    expect(unclear).toEqual([]);
  });

  test('has a case in the contract suites, forwards or as a part of a derivative', () => {
    const seen = new Set<OpKind>();
    const note = (network: Network, names: readonly string[]): void => {
      const seedAt = network.heads[0]!.logits;
      const { nodes } = deriveGradient(network, { seedAt, wrt: names, relu: 'plain' });
      for (const { op } of [...network.nodes, ...nodes]) seen.add(op.kind);
    };
    for (const { opCase } of layerCases) {
      const { network, names } = buildLayer(opCase);
      note(network, names);
    }
    for (const { valueCase } of valueOpCases) {
      const { network, names } = buildValueOp(valueCase);
      note(network, names);
    }
    const missing = kinds.filter((kind) => !seen.has(kind) && withoutCase[kind] === undefined);
    expect(missing).toEqual([]);
  });
});
