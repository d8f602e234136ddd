import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import type { NdArray } from '../../src/base/nd-array.ts';
import type { Session } from '../../src/engines/port/engine.ts';
import {
  listRandomisableLayers,
  measureRandomisation,
  randomiseWeights,
  readAllWeights,
} from '../../src/evidence/index.ts';
import { gradientsAt } from '../../src/methods/passes/seed-gradients.ts';
import { array } from '../helper/array.ts';
import { createEngine } from '../helper/engines.ts';
import { nodeNet } from '../helper/node-net.ts';
import { readNetFixture } from '../helper/net-fixture.ts';
import { cases, openEvidenceNet } from './evidence-net.ts';

describe('the layers of a cascade', () => {
  test('go from the output to the input, with what was learnt of each', async () => {
    const { network } = await openEvidenceNet('cpu');
    expect(listRandomisableLayers(network)).toEqual([
      { layer: 'predictions/linear', weights: ['predictions/kernel', 'predictions/bias'] },
      { layer: 'conv', weights: ['conv/kernel', 'conv/bias'] },
    ]);
  });

  test('statistics of a batch normalisation are not learnt', async () => {
    const { network } = await readNetFixture('mobilenet-like');
    const names = listRandomisableLayers(network).flatMap(({ weights }) => weights);
    expect(names.some((name) => name.includes('gamma'))).toBe(true);
    expect(names.filter((name) => /mean|variance/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  test('a constant counts where a matrix product reads it, and a shared weight once', () => {
    const one = array([[1, 2]]);
    const { network } = nodeNet([
      { name: 'x', op: { kind: 'input' }, shape: [1, 2] },
      { name: 'shift', op: { kind: 'constant' }, shape: [1, 2], weights: { value: one } },
      { name: 'moved', op: { kind: 'add' }, shape: [1, 2], inputs: ['x', 'shift'] },
      { name: 'kernel', op: { kind: 'constant' }, shape: [2, 2], weights: { value: one } },
      {
        name: 'product',
        op: { kind: 'matMul', transposeA: false, transposeB: false },
        shape: [1, 2],
        inputs: ['moved', 'kernel'],
      },
    ]);
    expect(listRandomisableLayers(network)).toEqual([
      { layer: 'kernel', weights: ['kernel/value'] },
    ]);
  });
});

describe('noise in place of weights', () => {
  const data = Float32Array.from({ length: 20_000 }, (_, i) => 3 + 2 * Math.sin(i));
  const weights = new Map([
    ['a', { shape: [20_000], data }],
    ['b', { shape: [20_000], data }],
  ]);

  test('has the mean and deviation of what it replaces, and leaves the rest', () => {
    const noise = randomiseWeights(weights, ['a'], 1);
    expect(noise.get('b')!.data).toBe(data);
    const values = noise.get('a')!.data;
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    // 2 sin has the variance 2: standard errors 0.01 and 0.02, five of each.
    expect(Math.abs(mean - 3)).toBeLessThan(0.05);
    expect(Math.abs(variance - 2)).toBeLessThan(0.1);
    expect(weights.get('a')!.data).toBe(data);
  });

  test('depends on the seed and on the name alone', () => {
    const both = randomiseWeights(weights, ['a', 'b'], 1);
    expect(both.get('a')!.data).toEqual(randomiseWeights(weights, ['a'], 1).get('a')!.data);
    expect(both.get('a')!.data).not.toEqual(both.get('b')!.data);
    expect(both.get('a')!.data).not.toEqual(randomiseWeights(weights, ['a'], 2).get('a')!.data);
  });
});

describe('the cascade', () => {
  const [one] = cases;
  const seeds = [{ score: 'logit', of: { class: one!.class } }] as const;

  /** Gradients at the input, which depend on the weights. */
  async function explainByGradient(session: Session): Promise<NdArray[]> {
    const [gradient] = await gradientsAt(session, 'image', one!.input, seeds);
    const { data } = gradient!;
    const sums = Float32Array.from({ length: 192 }, (_, i) => data[2 * i]! + data[2 * i + 1]!);
    return [{ shape: [16, 12], data: sums }];
  }

  test('a gradient changes, a picture of the image does not, and no tensor stays', async () => {
    const session = await openEvidenceNet('cpu');
    const engine = await createEngine('cpu');
    const weights = await readAllWeights(session);
    const before = tf.memory().numTensors;
    const model = { network: session.network, weights, engine };
    const found = await measureRandomisation(model, async (own) => [
      ...(await explainByGradient(own)),
      one!.map,
    ]);
    expect(found.steps.map(({ layer, layers }) => [layer, layers])).toEqual([
      ['predictions/linear', 1],
      ['conv', 2],
    ]);
    for (const { similarities } of found.steps) {
      expect(similarities[0]!.spearman.value).toBeLessThan(0.95);
      expect(similarities[1]!.spearman.value).toBeCloseTo(1, 12);
    }
    expect(found).toMatchObject({ layers: 2, seed: 1 });
    expect(await measureRandomisation(model, explainByGradient)).toEqual(
      await measureRandomisation(model, explainByGradient),
    );
    const last = await measureRandomisation(model, explainByGradient, { steps: 1, seed: 5 });
    expect(last.steps.map(({ layer, layers }) => [layer, layers])).toEqual([['conv', 2]]);
    expect(tf.memory().numTensors).toBe(before);

    let calls = 0;
    const failing = async (): Promise<NdArray[]> => {
      calls += 1;
      if (calls === 2) throw new Error('no map');
      return [one!.map];
    };
    await expect(measureRandomisation(model, failing)).rejects.toThrow('no map');
    expect(tf.memory().numTensors).toBe(before);
    session.dispose();
  });

  test('an engine that gives no weights is named', async () => {
    const session = await openEvidenceNet('cpu');
    const silent = { ...session, network: session.network, readWeights: undefined };
    await expect(readAllWeights(silent as unknown as Session)).rejects.toThrow(
      'does not give its weights',
    );
    session.dispose();
  });
});
