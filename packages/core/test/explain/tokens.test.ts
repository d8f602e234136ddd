import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { batchItem } from '../../src/base/nd-array.ts';
import { explain } from '../../src/explain/explain.ts';
import { cellsAt } from '../../src/methods/passes/layer-cells.ts';
import { loadModel, resolveLayer } from '../../src/model/model.ts';
import { openOnnxFile } from '../../src/model/open-onnx-file.ts';
import { expectClose, largestDifference } from '../helper/closeness.ts';
import { createEngine } from '../helper/engines.ts';
import { decodeArray, readFixture, readFixtureBytes, type StoredArray } from '../helper/fixture.ts';

/** Nets of tokens, and maps by PyTorch in float64 (`tools/oracles/write_token_fixtures.py`). */
interface Expectation {
  readonly class: number;
  readonly grid: readonly [number, number];
  readonly before: number;
  readonly input: StoredArray;
  readonly logits: StoredArray;
  readonly layers: Readonly<Record<string, LayerExpectation>>;
}

interface LayerExpectation {
  readonly items: readonly Readonly<Record<string, { map: StoredArray; scale: number }>>[];
}

/**
 * Of the largest sum of magnitudes in a cell. Two blocks of float32 sums with normalisations, each of some
 * tens of roundings (2^-24); a map of other tokens is off by 1e-1.
 */
const TWO_BLOCKS = 1e-5;

/**
 * XGrad-CAM divides by a channel's sum, which is near 0 for some of these signed activations; Ablation-CAM
 * takes the difference of two scores, of which few digits are left.
 */
const DIVIDED = 1e-4;
const divided = ['ablation-cam', 'xgrad-cam'];

/** Two layers with 64 channels take a pass for each, twice. */
const SLOW_MACHINE = 60_000;

const folder = fileURLToPath(new URL('../fixtures/tokens/', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.onnx'));

describe.each(files)('%s', { timeout: SLOW_MACHINE }, (file) => {
  const expected = readFixture<Expectation>(`tokens/${file.split('.')[0]}.json`);
  const layers = Object.keys(expected.layers);

  test.each(['onnx', 'wasm'] as const)('maps are what autograd says, on %s', async (name) => {
    const engine = await createEngine(name);
    const bytes = await readFixtureBytes(`tokens/${file}`);
    const model = await loadModel(openOnnxFile(bytes), { engine });
    try {
      expect(resolveLayer(model, 'auto').node).toBe(resolveLayer(model, layers[0]!).node);
      const input = decodeArray(expected.input);
      const [height = 0, width = 0] = input.shape.slice(1);
      const size = { width, height };
      const geometry = { image: size, input: size, view: { x: 0, y: 0, ...size } };
      for (const item of [0, 1]) {
        const { shape, data } = batchItem(input, item);
        const methods = Object.keys(expected.layers[layers[0]!]!.items[item]!);
        const { explanations } = await explain(
          model,
          { values: { shape: [1, ...shape], data }, geometry },
          { methods, layers, targets: [expected.class] },
        );
        expect(explanations).toHaveLength(methods.length * layers.length);
        const misses = explanations.flatMap(({ method, layer, raw }) => {
          const { map, scale } = expected.layers[layer]!.items[item]![method]!;
          const values = decodeArray(map);
          expect(raw.shape).toEqual(expected.grid);
          const error = largestDifference(raw.data, values.data, scale);
          const tolerance = divided.includes(method) ? DIVIDED : TWO_BLOCKS;
          return error <= tolerance ? [] : [`${method} at ${layer}: ${error}`];
        });
        expect(misses).toEqual([]);
      }
    } finally {
      model.dispose();
    }
  });

  test('two items at once have the cells that each has alone', async () => {
    const engine = await createEngine('onnx');
    const model = await loadModel(openOnnxFile(await readFixtureBytes(`tokens/${file}`)), {
      engine,
    });
    const { network, session } = model;
    const { node } = resolveLayer(model, 'auto');
    const input = decodeArray(expected.input);
    const of = { class: expected.class };
    const run = async (values: typeof input) => {
      const gradient = {
        seeds: [{ score: 'logit', of }],
        wrt: [node],
        relu: 'plain',
      } as const;
      const inputs = { [network.inputs[0]!]: values };
      const { gradients } = await session.run({ inputs, outputs: [], gradient });
      return cellsAt(network, node, gradients[0]!.get(node)!);
    };
    const both = await run(input);
    expect(both.shape.slice(0, 3)).toEqual([2, ...expected.grid]);
    for (const item of [0, 1]) {
      const { shape, data } = batchItem(input, item);
      const alone = await run({ shape: [1, ...shape], data });
      expectClose(batchItem(both, item), batchItem(alone, 0), TWO_BLOCKS);
    }
    model.dispose();
  });
});
