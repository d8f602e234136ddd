import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import type { NdArray } from '../../../src/base/nd-array.ts';
import { deriveGradient } from '../../../src/network/derive/derive.ts';
import { compileGraph, onnxNames } from '../../../src/engines/onnx/compile.ts';
import { encodeSeeds, seedInputs } from '../../../src/engines/onnx/encode-seeds.ts';
import { expectClose } from '../../helper/closeness.ts';
import { decodeArray } from '../../helper/fixture.ts';
import { buildValueOp, valueOpCases } from '../../helper/value-op-cases.ts';

/**
 * As exports are written: for any batch and any runtime, which relies on nothing that ONNX Runtime's own
 * optimiser would make of the graph.
 */
describe('ops on values of any rank in a graph for any runtime, against PyTorch', () => {
  test.each(valueOpCases)('$title', async ({ valueCase }) => {
    const { network, weights, names } = buildValueOp(valueCase);
    const { logits } = network.heads[0]!;
    const derivative = deriveGradient(network, { wrt: names, relu: 'plain', seedAt: logits });
    const { model, external } = compileGraph(network, weights, {
      ...{ given: names, outputs: ['node'], derivative, batch: null, blocks: false },
      mapped: new Map(),
    });
    expect(external).toEqual([]);
    const session = await ort.InferenceSession.create(model, {
      graphOptimizationLevel: 'disabled',
      logSeverityLevel: 4,
    });
    try {
      const upstream = decodeArray(valueCase.upstream);
      const seeds = encodeSeeds([upstream.data], network.heads[0]!, 2);
      const feeds: Record<string, ort.Tensor> = {};
      for (const { name, type, shape } of seedInputs(network.heads[0]!, 2)) {
        feeds[name] = new ort.Tensor(type, seeds[name]!, shape as number[]);
      }
      names.forEach((name, i) => {
        const { shape, data } = decodeArray(valueCase.inputs[i]!);
        feeds[onnxNames.given(name)] = new ort.Tensor('float32', data, [...shape]);
      });
      const fetched = await session.run(feeds);
      const found = (name: string): NdArray => {
        const { dims, data } = fetched[name]!;
        return { shape: [...dims], data: data as Float32Array };
      };
      expectClose(found(onnxNames.output('node')), decodeArray(valueCase.output));
      names.forEach((name, i) => {
        expectClose(found(onnxNames.gradient(name)), decodeArray(valueCase.inputGradients[i]!));
      });
    } finally {
      await session.release();
    }
  });
});
