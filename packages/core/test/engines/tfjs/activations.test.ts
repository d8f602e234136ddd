import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/engines/port/engine.ts';
import type { ActivationFunction } from '../../../src/network/op.ts';
import type { Network } from '../../../src/network/network.ts';
import { createEngine, tfjsBackends } from '../../helper/engines.ts';
import { expectClose } from '../../helper/closeness.ts';

/** What the TensorFlow fixtures do not hold, by definition in double precision. */
const functions: { fn: ActivationFunction; value: (x: number) => number }[] = [
  {
    fn: { name: 'geluTanh' },
    value: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  },
  {
    fn: { name: 'hardSigmoid', slope: 0.2 },
    value: (x) => Math.min(1, Math.max(0, 0.2 * x + 0.5)),
  },
  {
    fn: { name: 'hardSwish', slope: 0.2 },
    value: (x) => x * Math.min(1, Math.max(0, 0.2 * x + 0.5)),
  },
  { fn: { name: 'elu', alpha: 2 }, value: (x) => (x > 0 ? x : 2 * Math.expm1(x)) },
];

/** None at zero, where some have a kink. */
const points = Float32Array.from({ length: 41 }, (_, i) => (i - 20.3) * 0.37);
const STEP = 1e-5;

describe.each(tfjsBackends)('activations on %s', (backend) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine(backend);
  });

  test.each(functions)('$fn', async ({ fn, value }) => {
    const shape = [points.length];
    const network: Network = {
      name: 'one',
      nodes: [
        { name: 'x', op: { kind: 'input' }, inputs: [], shape, weights: {} },
        { name: 'y', op: { kind: 'activation', fn }, inputs: ['x'], shape, weights: {} },
      ],
      inputs: ['x'],
      heads: [
        { logits: 'y', probabilities: null, activation: 'linear', shape, classes: points.length },
      ],
      layers: new Map([['y', 'y']]),
      notes: [],
    };
    const session = await engine.open(network, new Map());
    const { logits, gradients } = await session.run({
      inputs: { x: { shape: [1, points.length], data: points } },
      outputs: [],
      gradient: { seeds: [new Float32Array(points.length).fill(1)], wrt: ['x'], relu: 'plain' },
    });
    session.dispose();
    const batch = [1, points.length];
    expectClose(logits, { shape: batch, data: Array.from(points, value) });
    const slopes = Array.from(points, (x) => (value(x + STEP) - value(x - STEP)) / (2 * STEP));
    expectClose(gradients[0]!.get('x'), { shape: batch, data: slopes });
  });

  test.each(['tanh', 'selu', 'softplus', 'softsign', 'swish', 'mish', 'gelu', 'geluTanh'] as const)(
    '%s of large values is finite, and so is its slope',
    async (name) => {
      const x = { shape: [1, 4], data: Float32Array.of(-1e4, -100, 100, 1e4) };
      const node = { inputs: ['x'], shape: [4], weights: {} };
      const network: Network = {
        name: 'one',
        nodes: [
          { ...node, name: 'x', op: { kind: 'input' }, inputs: [] },
          { ...node, name: 'y', op: { kind: 'activation', fn: { name } } },
        ],
        inputs: ['x'],
        heads: [{ logits: 'y', probabilities: null, activation: 'linear', shape: [4], classes: 4 }],
        layers: new Map(),
        notes: [],
      };
      const session = await engine.open(network, new Map());
      const { logits, gradients } = await session.run({
        inputs: { x },
        outputs: [],
        gradient: { seeds: [Float32Array.of(1, 1, 1, 1)], wrt: ['x'], relu: 'plain' },
      });
      session.dispose();
      expect([...logits.data].every(Number.isFinite)).toBe(true);
      const slopes = [...gradients[0]!.get('x')!.data];
      const expected: Record<string, number[]> = {
        tanh: [0, 0, 0, 0],
        selu: [0, 0, 1.0507, 1.0507],
        softplus: [0, 0, 1, 1],
        softsign: [1e-8, 1 / 101 ** 2, 1 / 101 ** 2, 1e-8],
      };
      (expected[name] ?? [0, 0, 1, 1]).forEach((slope, i) => {
        expect(slopes[i]).toBeCloseTo(slope, 4);
      });
    },
  );
});
