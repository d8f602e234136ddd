import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { createOnnxEngine } from '../../../src/engines/onnx/index.ts';
import type { OnnxRuntime } from '../../../src/engines/onnx/runtime.ts';
import { decodeArray } from '../../helper/fixture.ts';
import { buildLayer, layerCases } from '../../helper/layer-cases.ts';

const [convolution] = layerCases.filter(({ title }) => title.startsWith('conv2d/'));

/** A runtime whose "graphics card" is the CPU, with outputs multiplied by a factor; counts open sessions. */
function runtimeWith(factor: number) {
  const counts = { card: 0, cpu: 0, open: 0 };
  const create = async (model: Uint8Array, options: ort.InferenceSession.SessionOptions) => {
    const [provider] = options.executionProviders!;
    const name = typeof provider === 'string' ? provider : provider!.name;
    const session = await ort.InferenceSession.create(model, {
      ...options,
      executionProviders: ['cpu'],
    });
    counts.open += 1;
    counts[name === 'webgpu' ? 'card' : 'cpu'] += 1;
    const [run, release] = [session.run.bind(session), session.release.bind(session)];
    return Object.assign(session, {
      async run(feeds: ort.InferenceSession.FeedsType, names: readonly string[]) {
        const found = await run(feeds, names);
        if (name !== 'webgpu') return found;
        const changed = Object.entries(found).map(([output, { data, dims }]) => {
          const values = (data as Float32Array).map((value) => value * factor);
          return [output, new ort.Tensor('float32', values, dims)] as const;
        });
        return Object.fromEntries(changed);
      },
      release() {
        counts.open -= 1;
        return release();
      },
    });
  };
  return { counts, runtime: { ...ort, InferenceSession: { create } } as unknown as OnnxRuntime };
}

async function runTwice(runtime: OnnxRuntime): Promise<ArrayLike<number>[]> {
  const { opCase } = convolution!;
  const { network, model, names } = buildLayer(opCase);
  const session = await createOnnxEngine(runtime, { provider: 'webgpu' }).open(
    network,
    model.weights,
  );
  const inputs = Object.fromEntries(
    names.map((name, i) => [name, decodeArray(opCase.inputs[i]!)] as const),
  );
  try {
    const first = await session.run({ inputs, outputs: [] });
    const second = await session.run({ inputs, outputs: [] });
    return [first.logits.data, second.logits.data];
  } finally {
    session.dispose();
  }
}

test('what WebGPU computes first is compared with the CPU, which is then closed', async () => {
  // Rounding of a card: far below the limit.
  const { runtime, counts } = runtimeWith(1 + 1e-5);
  const [first, second] = await runTwice(runtime);
  expect(Array.from(first!)).toEqual(Array.from(second!));
  expect(counts).toMatchObject({ card: 1, cpu: 1 });
  await expect.poll(() => counts.open).toBe(0);
});

test.each([
  [
    1.1,
    /wrongly on this device: .* differs from the CPU's by 10 % of its size; use the engine onnx/,
  ],
  [NaN, /wrongly on this device: the output logits is not finite, or not 0 as the CPU's is/],
])('times %d is refused, and nothing stays open', async (factor, message) => {
  const { runtime, counts } = runtimeWith(factor);
  await expect(runTwice(runtime)).rejects.toThrow(message);
  await expect.poll(() => counts.open).toBe(0);
});
