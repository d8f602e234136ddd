import { describe, expect, test } from 'vitest';
import { validateArtifact } from '../../src/artifact/validate-artifact.ts';

const block = {
  schema: 1,
  id: 'demo',
  architecture: 'resnet_v1_50',
  source: { uri: 'demo.ckpt', format: 'tf-checkpoint-v1', sha256: 'ab' },
  shards: { 'group1-shard1of1.bin': 'cd' },
  input: {
    height: 96,
    width: 128,
    channelOrder: 'bgr',
    scale: 1,
    mean: [103.939, 116.779, 123.68],
    std: [1, 1, 1],
    fit: 'crop',
    cropFraction: 0.875,
    resize: 'bilinear-antialias',
    pad: [0, 0, 0],
  },
  logits: 'logits',
  endpoints: { block4: 'block4/unit_3', last: 'block4/unit_3' },
  defaultEndpoint: 'block4',
  labels: ['cat', 'dog'],
  wnids: [],
  probe: {
    generator: 'noise',
    seed: 1,
    top: [[1, 0.5]],
    engine: 'tfjs-wasm',
    tolerance: 1e-4,
  },
};

/** The block with the value at a path like `input.scale` replaced; undefined takes it out. */
function withValue(path: string, value: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(block)) as Record<string, unknown>;
  const steps = path.split('.');
  const last = steps.pop()!;
  const parent = steps.reduce((object, step) => object[step] as Record<string, unknown>, copy);
  parent[last] = value;
  return copy;
}

test('a right block is returned as it is', () => {
  expect(validateArtifact(block)).toBe(block);
});

test('labels, wnids and the probe may be absent', () => {
  for (const name of ['labels', 'wnids', 'probe']) {
    const value = withValue(name, undefined);
    expect(validateArtifact(value)).toBe(value);
  }
});

describe('the first wrong field is named, with what was expected and found', () => {
  test.each([
    ['schema', 2, '1, the only schema that this version reads'],
    ['id', 7, 'a string'],
    ['logits', undefined, 'a string'],
    ['source.sha256', null, 'a string'],
    ['shards', [], 'an object'],
    ['shards.a', 1, 'a string'],
    ['endpoints.block4', 5, 'a string'],
    ['defaultEndpoint', 'block9', 'one of the endpoints'],
    ['defaultEndpoint', 'toString', 'one of the endpoints'],
    ['labels', ['a', 3], 'a list of strings'],
    ['wnids', 'n0', 'a list of strings'],
    ['input.height', 0, 'an integer from 1 to 16384'],
    ['input.width', 12.5, 'an integer from 1 to 16384'],
    ['input.channelOrder', 'RGB', 'rgb or bgr or gray'],
    ['input.fit', 'stretch', 'crop or squash or letterbox'],
    ['input.resize', 'nearest', 'bilinear-antialias or bicubic-antialias or lanczos-antialias'],
    ['input.scale', 0, 'a number other than 0'],
    ['input.scale', '1', 'a number other than 0'],
    ['input.cropFraction', 0, 'a number above 0, at most 1'],
    ['input.cropFraction', 1.5, 'a number above 0, at most 1'],
    ['input.mean', [1, 2], 'three numbers'],
    ['input.mean', [1, 2, null], 'three numbers'],
    ['input.std', [1, 0, 1], 'numbers other than 0'],
    ['input.pad', 'white', 'three numbers'],
    ['probe.seed', 'one', 'a number'],
    ['probe.top', [[1]], 'a list of [class, logit]'],
  ])('%s = %j', (path, value, expected) => {
    const found = JSON.stringify(value) ?? 'nothing';
    expect(() => validateArtifact(withValue(path, value))).toThrow(
      expect.objectContaining({
        kind: 'model',
        message: `model.json userDefinedMetadata.gradcam.${path}: expected ${expected}, found ${found}`,
      }),
    );
  });

  test.each([null, [], 'text'])('a block that is %j', (value) => {
    expect(() => validateArtifact(value)).toThrow(/gradcam: expected an object/);
  });
});
