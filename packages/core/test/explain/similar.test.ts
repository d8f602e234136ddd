import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engines/port/engine.ts';
import { embedImage } from '../../src/explain/embed-image.ts';
import { explain } from '../../src/explain/explain.ts';
import type { RgbImage } from '../../src/image/rgb-image.ts';
import { loadModel, type Model } from '../../src/model/model.ts';
import { expectClose } from '../helper/closeness.ts';
import { createEngine, engineNames } from '../helper/engines.ts';
import { decodeArray, readFixture, readFixtureBytes, type StoredArray } from '../helper/fixture.ts';

/** Written by `tools/oracles/detectors.py`: a net by Keras, the cosine and its gradients by TensorFlow. */
interface Expected {
  readonly pixels: Pixels;
  readonly reference: Pixels;
  readonly embedding: StoredArray;
  readonly case: {
    readonly score: number;
    readonly gradCam: StoredArray;
    readonly camScale: number;
    readonly gradient: StoredArray;
    readonly occlusion: StoredArray;
  };
}

interface Pixels {
  readonly shape: readonly [number, number, number];
  readonly uint8: string;
}

/**
 * The cosine of these pictures is 0.9945: its gradient is what is left, a tenth, of two nearly equal
 * vectors, so that a rounding weighs ten times as much. Still within what is asked of gradients.
 */
const GRADIENTS = 3e-5;
const COSINE = 1e-6;

const expected = readFixture<Expected>('detectors/embedding/expected.json');
const image = toImage(expected.pixels);
const reference = toImage(expected.reference);

function toImage({ shape, uint8 }: Pixels): RgbImage {
  const [height, width] = shape;
  return { width, height, channels: 3, data: Uint8Array.from(Buffer.from(uint8, 'base64')) };
}

function readNet(name: string): Parameters<typeof loadModel>[0] {
  return {
    location: name,
    readFile: (path: string) => readFixtureBytes(`detectors/${name}/${path}`),
  };
}

describe.each(engineNames)('on %s', (engineName) => {
  let engine: Engine;
  let model: Model;
  beforeAll(async () => {
    engine = await createEngine(engineName);
  });

  test('cosine, Grad-CAM, gradient and occlusion of TensorFlow', async () => {
    const before = tf.memory().numTensors;
    model = await loadModel(readNet('embedding'), { engine });
    const { predictions, explanations } = await explain(model, image, {
      targets: [{ kind: 'similar', image: reference, name: 'b.png' }],
      layers: ['features'],
      methods: ['grad-cam', 'gradient', 'occlusion'],
    });
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
    const [cam, gradient, occlusion] = explanations;
    const wanted = expected.case;
    expect(Math.abs(cam!.score - wanted.score)).toBeLessThan(COSINE);
    expectClose(cam!.raw, decodeArray(wanted.gradCam), GRADIENTS, wanted.camScale);
    expectClose(gradient!.raw, decodeArray(wanted.gradient), GRADIENTS);
    expectClose(occlusion!.raw, decodeArray(wanted.occlusion), GRADIENTS);
    expect(cam!.target).toEqual({ kind: 'similar', index: -1, label: 'b.png' });
    // The numbers of an embedding are no classes.
    expect(predictions).toEqual([]);
  });

  test('an embedding that is there is the same as its image', async () => {
    model = await loadModel(readNet('embedding'), { engine });
    const before = tf.memory().numTensors;
    const embedding = await embedImage(model, reference);
    expect(tf.memory().numTensors).toBe(before);
    expectClose({ shape: [12], data: embedding }, decodeArray(expected.embedding));
    const { explanations } = await explain(model, image, {
      targets: [
        { kind: 'similar', image: reference },
        { kind: 'similar', embedding },
      ],
      layers: ['features'],
    });
    model.dispose();
    expect(explanations[1]!.raw).toEqual(explanations[0]!.raw);
    expect(explanations[0]!.target.label).toBe('the reference');
  });
});

describe('what has no angle is refused', () => {
  let model: Model;
  beforeAll(async () => {
    model = await loadModel(readNet('embedding'), { engine: await createEngine('cpu') });
  });

  test('an embedding of zeros, or of another length', async () => {
    const ask = (length: number) =>
      explain(model, image, {
        targets: [{ kind: 'similar', embedding: new Float32Array(length) }],
      });
    await expect(ask(12)).rejects.toThrow(/is zero or not finite, and has no angle/);
    await expect(ask(11)).rejects.toThrow(/an embedding of 12 numbers, .* found 11/);
  });

  test('a path, which nobody reads here', async () => {
    await expect(explain(model, image, { targets: ['similar:b.png'] })).rejects.toThrow(
      /expected the pixels of the other image, \{ kind: 'similar', image \}/,
    );
  });

  test('boxes', async () => {
    const detector = await loadModel(readNet('yolov8'), { engine: await createEngine('cpu') });
    const before = tf.memory().numTensors;
    await expect(
      explain(detector, image, { targets: [{ kind: 'similar', image: reference }] }),
    ).rejects.toThrow(/expected an embedding, .* this output is boxes, as YOLOv8 writes them/);
    expect(tf.memory().numTensors).toBe(before);
    detector.dispose();
  });
});
