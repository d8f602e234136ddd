import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/engines/port/engine.ts';
import { explain } from '../../../src/explain/explain.ts';
import { loadModel, resolveLayer } from '../../../src/model/model.ts';
import { mainHead } from '../../../src/network/network.ts';
import { openModelFolder } from '../../../src/node/model-folder.ts';
import { expectClose } from '../../helper/closeness.ts';
import { createGraphEngine } from '../../helper/graph-engine.ts';
import { decodeArray, readFixture, type StoredArray } from '../../helper/fixture.ts';

interface Expected {
  readonly pixels: string;
  readonly class: number;
  readonly logits: StoredArray;
  readonly activations: StoredArray;
  readonly atLayer: StoredArray;
  readonly atInput: StoredArray;
  readonly gradCam: StoredArray;
}

/** Float32 through up to twenty layers against float64, of the largest value. */
const DEEP = 1e-5;
const SIZE = 32;
/** What Keras 3 makes of the layer `last` when its model is called. */
const LAST = 'last_1';

const folderOf = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/frozen/${name}`, import.meta.url));
const nets = readdirSync(folderOf('.')).filter((name) => !name.endsWith('.md'));

function pictureOf({ pixels }: Expected) {
  const data = Uint8Array.from(Buffer.from(pixels, 'base64'));
  return { width: SIZE, height: SIZE, channels: 3, data } as const;
}

describe.each(['wasm', 'onnx'] as const)(
  'nets as TensorFlow freezes them, translated, on %s',
  (backend) => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await createGraphEngine(backend);
    });

    test.each(nets)('%s: scores, gradients and Grad-CAM of TensorFlow in float64', async (name) => {
      const expected = readFixture<Expected>(`frozen/${name}/expected.json`);
      const before = tf.memory().numTensors;
      const model = await loadModel(openModelFolder(folderOf(name)), {
        engine,
        inputRange: '0..1',
      });
      expect(model.proof).toMatch(/^the translation computes what the graph says/);
      const { network, session } = model;
      expect(mainHead(network).activation).toBe('softmax');
      const { node } = resolveLayer(model, LAST);
      const picture = pictureOf(expected);
      const data = Float32Array.from(picture.data, (value) => value / 255);
      const logits = decodeArray(expected.logits);
      const classes = logits.shape.at(-1)!;
      const seed = Float32Array.from(logits.data, (_, i) =>
        i % classes === expected.class ? 1 : 0,
      );
      const [input] = network.inputs as [string];
      const result = await session.run({
        inputs: { [input]: { shape: [1, SIZE, SIZE, 3], data } },
        outputs: [node],
        gradient: { seeds: [seed], wrt: [node, input], relu: 'plain' },
      });
      const flat = { shape: [1, logits.data.length], data: logits.data };
      expectClose(result.logits, flat, DEEP);
      expectClose(result.outputs.get(node), decodeArray(expected.activations), DEEP);
      const [gradients] = result.gradients;
      expectClose(gradients!.get(node), decodeArray(expected.atLayer), DEEP);
      expectClose(gradients!.get(input), decodeArray(expected.atInput), DEEP);
      if (classes === logits.data.length) {
        const { explanations } = await explain(model, picture, {
          methods: ['grad-cam'],
          layers: [LAST],
        });
        expectClose(explanations[0]!.raw, decodeArray(expected.gradCam), DEEP);
      }
      model.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
  },
);
