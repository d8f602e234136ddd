import { basename, dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { convertWeights } from '../src/artifact/convert-weights.ts';
import { openFileFolder } from '../src/node/file-source.ts';
import { openWeights } from '../src/formats/open-weights.ts';
import { decodeFloats, fixturePath, readFixtureJson } from './support/fixtures.ts';
import { loadModel, measureError, runLayers } from './support/load-model.ts';
import { createMemorySink, readModelJson } from './support/memory-sink.ts';
import { createSmallArchitecture, type OracleExpectation } from './support/small-architectures.ts';

/** Two right float32 engines differ by about 1e-6 of the range. */
const TOLERANCE = 1e-5;

const CASES = [
  { source: 'slim/resnet_v1.ckpt', expected: 'slim/resnet_v1.expected.json' },
  { source: 'slim/resnet_v1.ckpt', expected: 'slim/resnet_v1.odd.expected.json' },
  {
    source: 'slim/resnet_v1.sharded.ckpt-?????-of-00003',
    expected: 'slim/resnet_v1.expected.json',
  },
  { source: 'slim/resnet_v1.partitioned.ckpt', expected: 'slim/resnet_v1.expected.json' },
  { source: 'slim/resnet_v1.bundle', expected: 'slim/resnet_v1.expected.json' },
  { source: 'slim/resnet_v1.sharded.bundle', expected: 'slim/resnet_v1.expected.json' },
  { source: 'slim/resnet_v1.partitioned.bundle', expected: 'slim/resnet_v1.expected.json' },
  { source: 'slim/resnet_v2.ckpt', expected: 'slim/resnet_v2.expected.json' },
  { source: 'slim/resnet_v2.bundle', expected: 'slim/resnet_v2.expected.json' },
  { source: 'slim/mobilenet_v1.ckpt', expected: 'slim/mobilenet_v1.expected.json' },
  { source: 'slim/mobilenet_v1.bundle', expected: 'slim/mobilenet_v1.expected.json' },
  { source: 'slim/vgg16.npy', expected: 'slim/vgg16.expected.json' },
  { source: 'slim/vgg_16.ckpt', expected: 'slim/vgg_16.expected.json' },
] as const;

describe('a converted model in plain tfjs', () => {
  test.each(CASES)('$source gives what TensorFlow gives ($expected)', async (item) => {
    const oracle = readFixtureJson<OracleExpectation>(item.expected);
    const sink = createMemorySink();
    const path = fixturePath(item.source);
    const folder = openFileFolder(dirname(path));
    await convertWeights({
      file: await openWeights(folder, basename(path)),
      architecture: createSmallArchitecture(oracle.architecture),
      source: { uri: basename(path), digests: { sha256: '0', conversion: '0' } },
      sink,
    });
    await folder.close();

    const model = await loadModel(sink);
    const json = readModelJson(sink);
    const { endpoints, logits, input } = json.userDefinedMetadata.gradcam;
    expect(input).toMatchObject(oracle.architecture.input);
    const taps = Object.keys(oracle.activations).map((name) => endpoints[name] ?? name);
    const image = new Uint8Array(Buffer.from(oracle.image.uint8, 'base64'));
    const found = runLayers(model, json, image, [logits, ...taps]);
    expect(measureError(found.get(logits)!, decodeFloats(oracle.logits.float32))).toBeLessThan(
      TOLERANCE,
    );
    for (const [name, { float32 }] of Object.entries(oracle.activations)) {
      const tap = found.get(endpoints[name] ?? name)!;
      expect(measureError(tap, decodeFloats(float32)), name).toBeLessThan(TOLERANCE);
    }
    model.dispose();
  });
});
