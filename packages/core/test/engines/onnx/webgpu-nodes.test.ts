import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { createOnnxEngine, type OnnxProvider } from '../../../src/engines/onnx/index.ts';
import type { OnnxRuntime } from '../../../src/engines/onnx/runtime.ts';
import { decodeArray } from '../../helper/fixture.ts';
import { buildLayer, layerCases } from '../../helper/layer-cases.ts';

const [maxPool] = layerCases.filter(({ title }) => title.startsWith('max-pooling/'));

/** What the runtime is asked to run a max-pool and its gradient on. */
async function providersFor(provider: OnnxProvider): Promise<unknown[]> {
  const { opCase } = maxPool!;
  const { network, model, names } = buildLayer(opCase);
  const asked: unknown[] = [];
  const create = (_: unknown, options: ort.InferenceSession.SessionOptions): never => {
    asked.push(options.executionProviders);
    throw new Error('asked enough');
  };
  const runtime = { ...ort, InferenceSession: { create } } as unknown as OnnxRuntime;
  const run = async (): Promise<void> => {
    const session = await createOnnxEngine(runtime, { provider }).open(network, model.weights);
    await session.run({
      inputs: Object.fromEntries(names.map((name, i) => [name, decodeArray(opCase.inputs[i]!)])),
      outputs: [],
      gradient: { seeds: [decodeArray(opCase.upstream).data], wrt: names, relu: 'plain' },
    });
  };
  await expect(run()).rejects.toThrow(/asked enough/);
  return asked;
}

test('WebGPU, which has no indices of a max-pool, leaves that node to the CPU', async () => {
  expect(await providersFor('webgpu')).toEqual([
    [{ name: 'webgpu', forceCpuNodeNames: [expect.stringMatching(/^MaxPool_\d+$/)] }],
  ]);
});

test('other providers are asked as before', async () => {
  expect(await providersFor('cpu')).toEqual([['cpu']]);
});
