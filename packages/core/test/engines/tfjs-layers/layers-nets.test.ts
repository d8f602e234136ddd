import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { batchItem } from '../../../src/base/nd-array.ts';
import type { Engine } from '../../../src/engines/port/engine.ts';
import { computeGradCam } from '../../../src/methods/grid/grad-cam.ts';
import { createLayersEngine } from '../../../src/engines/tfjs-layers/index.ts';
import { expectClose } from '../../helper/closeness.ts';
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

/** Nets whose gradients the backend can compute. */
const onBoth = [
  'captioner',
  'captioner-by-gru',
  'captioner-from-state',
  'text-line',
  'text-line-by-gru',
  'gated',
] as const;
const nets = { wasm: onBoth, cpu: [...onBoth, 'frames'] } as const;

describe.each(['wasm', 'cpu'] as const)(
  'layers of tfjs-layers on %s, against TensorFlow',
  (backend) => {
    let engine: Engine;
    beforeAll(async () => {
      registerSoftGate();
      engine = await createLayersEngine({ backend });
    });

    test.each(nets[backend])('%s: logits, activations, gradients, Grad-CAM', SLOW, async (name) => {
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
