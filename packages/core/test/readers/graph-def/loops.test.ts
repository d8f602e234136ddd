import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/engines/port/engine.ts';
import { explain } from '../../../src/explain/explain.ts';
import { loadModel } from '../../../src/model/model.ts';
import { nameOfHead } from '../../../src/network/network.ts';
import { openModelFolder } from '../../../src/node/model-folder.ts';
import { translateGraph } from '../../../src/readers/graph-def/translate-graph.ts';
import { expectClose } from '../../helper/closeness.ts';
import { createEngine } from '../../helper/engines.ts';
import { createGraphEngine } from '../../helper/graph-engine.ts';
import { decodeArray, readFixture, type StoredArray } from '../../helper/fixture.ts';

interface Expected {
  readonly pixels: string;
  readonly otherPixels: string;
  readonly scores: StoredArray;
  readonly boxes: StoredArray;
  readonly otherScores: StoredArray;
  readonly otherBoxes: StoredArray;
  readonly best: { readonly place: number; readonly class: number };
  readonly features: string;
  readonly gradCam: StoredArray;
  readonly kept: readonly { class: number; score: number; box: readonly number[] }[];
}

/** Float32 through six layers against float64, of the largest value. */
const DEEP = 1e-5;
/** Corners in pixels of a picture of 48: rounding of the stored boxes, 1e-6 of a side. */
const PIXELS = 1e-3;
const [HEIGHT, WIDTH] = [32, 48];
const OTHER = [40, 56] as const;

const folderOf = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/loops/${name}`, import.meta.url));

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64'));
}

describe.each(['wasm', 'onnx'] as const)('detectors inside loops, on %s', (backend) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createGraphEngine(backend);
  });

  test.each(['lists', 'arrays'])(
    '%s: scores and boxes before the suppression, and boxes behind it, are those of TensorFlow',
    async (name) => {
      const expected = readFixture<Expected>(`loops/${name}/expected.json`);
      const before = tf.memory().numTensors;
      const model = await loadModel(openModelFolder(folderOf(name)), { engine });
      expect(model.proof).toMatch(/^the translation computes what the graph says/);
      expect(model.assumptions).toEqual(
        expect.arrayContaining([
          expect.stringMatching(
            /^input image leaves its size open, 32x48 is assumed, to which the/,
          ),
          expect.stringMatching(
            /^the graph ends in non-maximum suppression, at node .* it is cut there/,
          ),
          expect.stringMatching(/read as scores and boxes of 48 places, 3 classes/),
          expect.stringMatching(/^pictures are squashed to 32x48, since the model resizes/),
        ]),
      );
      const picture = {
        width: WIDTH,
        height: HEIGHT,
        channels: 3 as const,
        data: bytesOf(expected.pixels),
      };
      const { network, session } = model;
      const [scores, boxes] = network.heads;
      const data = Float32Array.from(picture.data);
      const shape = [1, HEIGHT, WIDTH, 3];
      const run = await session.run({
        inputs: { [network.inputs[0]!]: { shape, data } },
        outputs: [nameOfHead(boxes!)],
      });
      const flat = (stored: StoredArray) => {
        const array = decodeArray(stored);
        return { shape: [1, array.data.length], data: array.data };
      };
      expect(scores!.shape).toEqual([48, 3]);
      expectClose(run.logits, flat(expected.scores), DEEP);
      const found = run.outputs.get(nameOfHead(boxes!))!;
      expectClose({ ...found, shape: [1, found.data.length] }, flat(expected.boxes), DEEP);

      const { explanations, predictions } = await explain(model, picture, {
        methods: ['grad-cam'],
        layers: ['features'],
        targets: ['box:1'],
      });
      const kept = [...expected.kept].sort((a, b) => b.score - a.score);
      expect(predictions.map(({ index }) => index)).toEqual(kept.map((one) => one.class));
      predictions.forEach(({ probability, box }, i) => {
        const at = box!;
        expect(probability).toBeCloseTo(kept[i]!.score, 5);
        const [top, left, bottom, right] = kept[i]!.box.map((side) =>
          Math.min(1, Math.max(0, side)),
        );
        expect(Math.abs(at.x - left! * WIDTH)).toBeLessThan(PIXELS);
        expect(Math.abs(at.y - top! * HEIGHT)).toBeLessThan(PIXELS);
        expect(Math.abs(at.width - (right! - left!) * WIDTH)).toBeLessThan(PIXELS);
        expect(Math.abs(at.height - (bottom! - top!) * HEIGHT)).toBeLessThan(PIXELS);
      });
      expectClose(explanations[0]!.raw, decodeArray(expected.gradCam), DEEP);
      model.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  test.each(['lists', 'arrays'])(
    '%s: a picture of another size is resized in the loop',
    async (name) => {
      const expected = readFixture<Expected>(`loops/${name}/expected.json`);
      const model = await loadModel(openModelFolder(folderOf(name)), { engine, inputSize: OTHER });
      expect(model.proof).toMatch(/^the translation computes what the graph says/);
      const { network, session } = model;
      const data = Float32Array.from(bytesOf(expected.otherPixels));
      const { logits } = await session.run({
        inputs: { [network.inputs[0]!]: { shape: [1, ...OTHER, 3], data } },
        outputs: [],
      });
      const stored = decodeArray(expected.otherScores);
      expectClose(logits, { shape: [1, stored.data.length], data: stored.data }, DEEP);
      model.dispose();
    },
  );
});

/** A loop as TensorFlow 1 writes it: while `i < limit`, x becomes 2 x and i grows by 1. */
function doubling(limit: string, more: readonly object[] = []): object {
  const text = (value: string): object => ({ s: btoa(value) });
  const enter = (name: string, input: string): object => ({
    name,
    op: 'Enter',
    input: [input],
    attr: { T: { type: 'DT_FLOAT' }, frame_name: text('loop'), is_constant: { b: false } },
  });
  const node = (name: string, op: string, input: readonly string[]): object => ({
    name,
    op,
    input,
  });
  const sizes = [-1, 8, 8, 3].map((size) => ({ size: String(size) }));
  return {
    node: [
      {
        name: 'image',
        op: 'Placeholder',
        attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: sizes } } },
      },
      ...['zero', 'one', 'three', 'two', 'million'].map((name) => node(name, 'Const', [])),
      enter('enter/i', 'zero'),
      enter('enter/x', 'image'),
      enter('enter/limit', limit),
      node('merge/i', 'Merge', ['enter/i', 'next/i']),
      node('merge/x', 'Merge', ['enter/x', 'next/x']),
      node('less', 'Less', ['merge/i', 'enter/limit']),
      node('condition', 'LoopCond', ['less']),
      node('switch/i', 'Switch', ['merge/i', 'condition']),
      node('switch/x', 'Switch', ['merge/x', 'condition']),
      node('add', 'AddV2', ['switch/i:1', 'one']),
      node('twice', 'Mul', ['switch/x:1', 'two']),
      node('next/i', 'NextIteration', ['add']),
      node('next/x', 'NextIteration', ['twice']),
      node('exit/x', 'Exit', ['switch/x']),
      ...more,
      node('result', 'Identity', ['exit/x']),
    ],
  };
}

function translateLoop(topology: object) {
  const numbers = { zero: 0, one: 1, three: 3, two: 2, million: 1e6 };
  const weights = Object.keys(numbers).map((name) => ({
    name,
    shape: [],
    dtype: name === 'two' ? ('float32' as const) : ('int32' as const),
    originalDtype: undefined,
    quantization: undefined,
  }));
  const bytes = new ArrayBuffer(4 * weights.length);
  const view = new DataView(bytes);
  Object.entries(numbers).forEach(([name, value], i) => {
    if (name === 'two') view.setFloat32(4 * i, value, true);
    else view.setInt32(4 * i, value, true);
  });
  const signature = { outputs: { out: { name: 'result:0' } } };
  return translateGraph({ name: 'loop', topology, signature, weights: weights as never, bytes });
}

describe('loops of a graph', () => {
  test('a loop with three rounds is written out, and doubles three times', async () => {
    const { network, weights } = translateLoop(doubling('three'));
    const engine = await createEngine('wasm');
    const read = new Map(
      [...weights].map(([name, recipe]) => [name, { shape: recipe.shape, data: recipe.read() }]),
    );
    const session = await engine.open(network, read);
    const data = Float32Array.from({ length: 192 }, (_, i) => i / 192);
    const { logits } = await session.run({
      inputs: { image: { shape: [1, 8, 8, 3], data } },
      outputs: [],
    });
    expectClose(logits, { shape: [1, 192], data: data.map((value) => 8 * value) }, 1e-6);
    session.dispose();
  });

  test.each([
    ['a loop without rounds hands its input on', 'zero', 0],
    ['one with one round doubles once', 'one', 1],
  ])('%s', (_, limit, rounds) => {
    const { network } = translateLoop(doubling(limit));
    expect(network.nodes.filter(({ op }) => op.kind !== 'input')).toHaveLength(rounds);
  });

  test.each([
    ['too many rounds', doubling('million'), /loop loop: it has more than \d+ rounds/],
    [
      'a condition that depends on the picture',
      doubling('mean', [
        { name: 'axes', op: 'Const', input: [] },
        { name: 'mean', op: 'Max', input: ['image', 'one'] },
      ]),
      /loop loop: /,
    ],
    [
      'a loop within a loop',
      doubling('three', [
        {
          name: 'inner/enter',
          op: 'Enter',
          input: ['switch/x:1'],
          attr: { frame_name: { s: btoa('inner') } },
        },
        { name: 'inner/exit', op: 'Exit', input: ['inner/enter'] },
      ]),
      /loop loop: a loop inside it is not supported/,
    ],
  ])('%s is refused by the name of the loop', (_, topology, message) => {
    expect(() => translateLoop(topology)).toThrow(
      expect.objectContaining({ kind: 'unsupported', message: expect.stringMatching(message) }),
    );
  });
});
