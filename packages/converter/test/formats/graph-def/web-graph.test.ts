import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { convertGraph } from '../../../src/artifact/convert-graph.ts';
import { createMemoryFolder } from '../../../src/bytes/source.ts';
import { isGraphFile } from '../../../src/formats/graph-def/graph-file.ts';
import { openWeights } from '../../../src/formats/open-weights.ts';
import { identifyTensorFlow } from '../../../src/node/identify-graph.ts';
import { listSourceFiles, openSource } from '../../../src/node/open-source.ts';
import { decodeFloats, readFixture, readFixtureJson } from '../../support/fixtures.ts';
import { measureError } from '../../support/load-model.ts';
import { createMemorySink } from '../../support/memory-sink.ts';
import { runGraph } from '../../support/run-graph.ts';
import { splitGraph } from '../../support/split-graph.ts';

interface Expected {
  readonly picture: { readonly shape: readonly number[]; readonly uint8: string };
  readonly nets: Readonly<Record<'plain', { readonly logits: { float32: string } }>>;
}

const { picture, nets } = readFixtureJson<Expected>('tensorflow/expected.json');

/** As in `saved-models.test.ts`: float32 and TensorFlow's float64 in nets of ten layers. */
const TOLERANCE = 1e-5;

/** Shards that end in the middle of weights. */
const SHARD_BYTES = 1000;

const MANIFEST = 'weights_manifest.json';

interface Weight {
  name: string;
  readonly shape: number[];
}

type Manifest = readonly { readonly weights: Weight[] }[];

let files: Map<string, Uint8Array>;
let folder: string;

beforeAll(async () => {
  files = await splitGraph(readFixture('tensorflow/frozen.pb'), SHARD_BYTES);
  folder = await mkdtemp(path.join(tmpdir(), 'gradcam-web-graph-'));
  for (const [name, bytes] of files) await writeFile(path.join(folder, name), bytes);
});

afterAll(() => rm(folder, { recursive: true }));

async function open(without: readonly string[] = []) {
  const kept = [...files].filter(([name]) => !without.includes(name));
  return openWeights(createMemoryFolder(new Map(kept)), 'tensorflowjs_model.pb');
}

describe('a graph of tensorflowjs_converter 0.x, with its weights in a manifest', () => {
  test('computes what TensorFlow computed with the whole graph', async () => {
    const file = await open();
    if (!isGraphFile(file)) throw new Error('no graph');
    const sink = createMemorySink();
    const digests = { sha256: '', conversion: '' };
    await convertGraph({ file, sink, source: { uri: 'net.pb', digests } });
    const pixels = Float32Array.from(Buffer.from(picture.uint8, 'base64'));
    const found = await runGraph(sink, pixels, [1, ...picture.shape]);
    const logits = [...decodeFloats(nets.plain.logits.float32)];
    const exponents = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
    const sum = exponents.reduce((a, b) => a + b);
    const expected = Float32Array.from(exponents, (exponent) => exponent / sum);
    expect(measureError(found, expected)).toBeLessThan(TOLERANCE);
  });

  test('without the manifest it is refused, as all its weights would be zero', async () => {
    await expect(open(['weights_manifest.json'])).rejects.toThrow(
      /^tensorflowjs_model\.pb holds a graph without the values of its weights, .*; put its weights_manifest\.json/,
    );
  });

  /** Opens the graph after a change of one of its weights in the list. */
  async function openWith(change: (weight: Weight) => void) {
    const manifest = JSON.parse(Buffer.from(files.get(MANIFEST)!).toString()) as Manifest;
    const { weights } = manifest[0]!;
    change(weights.find(({ shape }) => shape.length === 4)!);
    const changed = new Map(files).set(MANIFEST, Buffer.from(JSON.stringify(manifest)));
    return openWeights(createMemoryFolder(changed), 'tensorflowjs_model.pb');
  }

  test('a constant that the manifest leaves out is refused, as it would be zero', async () => {
    const opened = openWith((weight) => (weight.name = 'other'));
    await expect(opened).rejects.toThrow(
      /: expected its values in weights_manifest\.json, found no weight of this name there/,
    );
  });

  test('a constant that the manifest lists with another shape is refused', async () => {
    const opened = openWith((weight) => weight.shape.reverse());
    await expect(opened).rejects.toThrow(
      /: expected the shape \[(\d+), (\d+), (\d+), (\d+)\] of the graph, found \[\4, \3, \2, \1\] in weights_manifest/,
    );
  });

  test('without a shard it is refused', async () => {
    const shard = [...files.keys()].find((name) => name.startsWith('group1-shard2of'))!;
    await expect(open([shard])).rejects.toThrow(`the shard ${shard} is missing`);
  });

  test('is found by its folder, its manifest and its graph, with all its files', async () => {
    for (const name of ['.', 'weights_manifest.json', 'tensorflowjs_model.pb']) {
      const place = path.join(folder, name);
      expect(await identifyTensorFlow(place)).toBe('frozen-graph');
      const listed = (await listSourceFiles(place)).map((file) => path.basename(file));
      expect(listed.sort()).toEqual([...files.keys()].sort());
      const { file, close } = await openSource(place, folder);
      expect(isGraphFile(file)).toBe(true);
      await close();
    }
  });
});
