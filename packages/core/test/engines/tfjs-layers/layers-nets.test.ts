import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { batchItem } from '../../../src/base/nd-array.ts';
import type { Engine } from '../../../src/engines/port/engine.ts';
import { computeGradCam } from '../../../src/methods/grid/grad-cam.ts';
import { createLayersEngine } from '../../../src/engines/tfjs-layers/index.ts';
import { expectClose } from '../../helper/closeness.ts';
import { createEngine } from '../../helper/engines.ts';
import { decodeArray } from '../../helper/fixture.ts';
import {
  layersInputs,
  layersSeeds,
  openLayersNet,
  readLayersExpectation,
  registerSoftGate,
} from '../../helper/layers-fixture.ts';

/** Float32 through convolutions and up to 3 recurrent layers of 6 steps, against float64. */
const WHOLE_NET = 2e-5;

/** Recurrent layers are hundreds of small kernels, slow on a machine that is busy. */
const SLOW = { timeout: 30_000 };

/** Nets of the op set alone. */
const recurrent = [
  'captioner',
  'captioner-by-gru',
  'captioner-from-state',
  'text-line',
  'text-line-by-gru',
] as const;
/** Nets whose gradients the engine can compute. tfjs-layers has no gradient of a convolution on wasm. */
const nets = {
  onnx: recurrent,
  wasm: [...recurrent, 'gated'],
  cpu: ['captioner', 'gated', 'frames'],
} as const;

describe.each(['onnx', 'wasm', 'cpu'] as const)(
  'recurrent layers and those of tfjs-layers on %s, against TensorFlow',
  (name) => {
    let engine: Engine;
    beforeAll(async () => {
      registerSoftGate();
      engine =
        name === 'onnx' ? await createEngine(name) : await createLayersEngine({ backend: name });
    });

    test.each(nets[name])('%s: logits, activations, gradients, Grad-CAM', SLOW, async (name) => {
      const expected = readLayersExpectation(name);
      const before = tf.memory().numTensors;
      const session = await openLayersNet(name, engine);
      const open = tf.memory().numTensors;
      const taps = Object.keys(expected.activations);
      const seeds = layersSeeds(expected);
      const wrt = [...taps, 'image'];
      const result = await session.run({
        inputs: layersInputs(expected),
        outputs: taps,
        gradient: { seeds, wrt, relu: 'plain' },
      });
      expectClose(result.logits, decodeArray(expected.logits), WHOLE_NET);
      for (const tap of taps) {
        expectClose(result.outputs.get(tap), decodeArray(expected.activations[tap]!), WHOLE_NET);
      }
      Object.entries(expected.scores).forEach(([key, score], s) => {
        expect(result.seeds[s]![0]!.score).toBeCloseTo(score, 4);
        for (const layer of wrt) {
          const stored = decodeArray(expected.gradients[`${layer}@${key}`]!);
          expectClose(result.gradients[s]!.get(layer), stored, WHOLE_NET);
          const map = expected.maps[`${layer}@${key}`];
          if (map === undefined) continue;
          const found = computeGradCam({
            activations: batchItem(result.outputs.get(layer)!, 0),
            gradients: batchItem(result.gradients[s]!.get(layer)!, 0),
          });
          expectClose(found, decodeArray(map), WHOLE_NET, map.scale);
        }
      });
      expect(tf.memory().numTensors).toBe(open);
      session.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
  },
);
