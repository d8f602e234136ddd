import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { getArchitecture } from '../../src/architectures/registry.ts';
import { convertWeights } from '../../src/artifact/convert-weights.ts';
import { requantizeModel } from '../../src/artifact/requantize-model.ts';
import { createMemoryFolder } from '../../src/bytes/source.ts';
import { openWeights } from '../../src/formats/open-weights.ts';
import { readLayersModel } from '../../src/formats/tfjs/read-layers-model.ts';
import { openFileFolder } from '../../src/node/file-source.ts';
import { convertModel } from '../../src/node/convert-model.ts';
import { describeTensors } from '../support/fixtures.ts';
import { loadModel, measureError } from '../support/load-model.ts';
import { createMemorySink, readModelJson, type MemorySink } from '../support/memory-sink.ts';
import { describeWithSharedData, sharedData } from '../support/shared-data.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

/** The demo net: large enough that most of its kernels are quantised. */
const demo = fileURLToPath(new URL('../../../../demo/weights', import.meta.url));

async function convert(dtype: 'float32' | 'float16' | 'uint16' | 'uint8'): Promise<MemorySink> {
  const sink = createMemorySink();
  const folder = openFileFolder(demo);
  await convertWeights({
    file: await openWeights(folder, 'demo-vgg.npy'),
    architecture: getArchitecture('demo-vgg'),
    source: { uri: 'demo-vgg.npy', digests: { sha256: '0', conversion: '0' } },
    dtype,
    sink,
  });
  await folder.close();
  return sink;
}

async function openModel(sink: MemorySink) {
  const folder = createMemoryFolder(sink.files);
  return readLayersModel((await folder.open('model.json'))!, folder);
}

function hasSameShards(left: MemorySink, right: MemorySink): boolean {
  const names = [...left.files.keys()].filter((name) => name.endsWith('.bin'));
  return names.every((name) => {
    const other = right.files.get(name);
    return other !== undefined && Buffer.compare(left.files.get(name)!, other) === 0;
  });
}

describe('quantised weights', () => {
  test.each([
    ['float16', 2 ** -11],
    ['uint16', 1 / 65535],
    ['uint8', 1 / 255],
  ] as const)(
    '%s loads in plain tfjs, each number right to %d of the range',
    async (dtype, step) => {
      const model = await loadModel(await convert(dtype));
      const exact = await loadModel(await convert('float32'));
      for (const layer of exact.layers) {
        const found = model.getLayer(layer.name).getWeights();
        for (const [index, weight] of layer.getWeights().entries()) {
          const values = weight.dataSync<'float32'>();
          // Biases and small kernels are not touched; the rest is off by half a step, or one where 0 was nudged.
          const limit = index === 1 || values.length < 10_000 ? 0 : step * 1.001;
          expect(measureError(found[index]!.dataSync<'float32'>(), values)).toBeLessThanOrEqual(
            limit,
          );
        }
      }
      model.dispose();
      exact.dispose();
    },
  );

  test('take the space of their dtype, small ones apart', async () => {
    const sizes = new Map<string, number>();
    for (const dtype of ['float32', 'float16', 'uint8'] as const) {
      const { files } = await convert(dtype);
      sizes.set(dtype, files.get('group1-shard1of1.bin')!.length);
    }
    const whole = sizes.get('float32')!;
    expect(sizes.get('float16')! / whole).toBeLessThan(0.55);
    expect(sizes.get('uint8')! / whole).toBeLessThan(0.32);
  });
});

describe('a tfjs model as a source', () => {
  test('reads back the very tensors that were converted', async () => {
    const model = await openModel(await convert('float32'));
    const folder = openFileFolder(demo);
    const source = await describeTensors((await openWeights(folder, 'demo-vgg.npy')).tensors);
    await folder.close();
    const found = await describeTensors(model.tensors);
    expect(found['conv5_2/conv/kernel']).toEqual(source['conv5_2/0']);
    expect(found['fc6/dense/kernel']).toEqual(source['fc6/0']);
    expect(Object.keys(found)).toHaveLength(Object.keys(source).length);
  });

  test('stored as float32 again is the same, byte for byte', async () => {
    const sink = await convert('float32');
    const again = createMemorySink();
    await requantizeModel({
      model: await openModel(sink),
      source: { uri: 'small', digests: { sha256: '1', conversion: '1' } },
      sink: again,
      dtype: 'float32',
    });
    expect(hasSameShards(again, sink)).toBe(true);
    const { gradcam } = readModelJson(again).userDefinedMetadata;
    expect(gradcam).toEqual({
      ...readModelJson(sink).userDefinedMetadata.gradcam,
      source: { uri: 'small', format: 'tfjs-layers', sha256: '1' },
      conversion: '1',
    });
  });

  test('quantised, is what the net quantised at once would be', async () => {
    const again = createMemorySink();
    await requantizeModel({
      model: await openModel(await convert('float32')),
      source: { uri: 'small', digests: { sha256: '1', conversion: '1' } },
      sink: again,
      dtype: 'uint8',
    });
    const direct = await convert('uint8');
    expect(hasSameShards(again, direct)).toBe(true);
    expect(readModelJson(again).weightsManifest).toEqual(readModelJson(direct).weightsManifest);
  });
});

describe('a damaged artifact of ours', () => {
  test('is not stored again: its shards state their digests', async () => {
    const folder = await createTemporaryFolder();
    const source = join(folder, 'source');
    await mkdir(source);
    for (const [name, bytes] of (await convert('float32')).files) {
      if (name.endsWith('.bin')) bytes[1000]! ^= 1;
      await writeFile(join(source, name), bytes);
    }
    const again = convertModel({ source, out: join(folder, 'out'), dtype: 'uint8' });
    await expect(again).rejects.toMatchObject({
      tag: 'ChecksumError',
      subject: 'group1-shard1of1.bin',
    });
    expect(await readdir(folder)).toEqual(['source']);
  });
});

describe('manifests that are refused', () => {
  async function openForged(change: (model: Record<string, unknown>) => unknown) {
    const sink = await convert('float32');
    const json = { ...readModelJson(sink) } as unknown as Record<string, unknown>;
    const forged = change(json) ?? json;
    sink.files.set('model.json', new TextEncoder().encode(JSON.stringify(forged)));
    return openModel(sink);
  }
  const weights = [{ name: 'w', shape: [2], dtype: 'float32' }];

  test.each(['/etc/passwd', '../weights.bin', 'a/b.bin', 'C:\\x.bin', '..', 'https://x/y.bin'])(
    'a path %s',
    async (path) => {
      const opened = openForged((json) => {
        json['weightsManifest'] = [{ paths: [path], weights }];
      });
      await expect(opened).rejects.toThrow(JSON.stringify(path));
      await expect(opened).rejects.toMatchObject({ tag: 'UnsupportedError' });
    },
  );

  test.each<[string, (json: Record<string, unknown>) => unknown, string]>([
    ['none', () => ({}), 'no weightsManifest'],
    ['a graph model', () => ({ format: 'graph-model' }), 'GraphModel'],
    ['a list', () => [], 'expected a JSON object'],
    [
      'a shape beyond the shards',
      (json) => void (json['weightsManifest'] = [{ paths: [], weights }]),
      'ends at byte 8, but the shards hold 0',
    ],
    [
      'a missing shard',
      (json) => void (json['weightsManifest'] = [{ paths: ['x.bin'], weights }]),
      'the shard x.bin is missing beside',
    ],
    [
      'an unknown quantisation',
      (json) =>
        void (json['weightsManifest'] = [
          { paths: [], weights: [{ ...weights[0], quantization: { dtype: 'int4' } }] },
        ]),
      'w is quantised as {"dtype":"int4"}',
    ],
  ])('%s', async (_, change, message) => {
    await expect(openForged(change)).rejects.toThrow(message);
  });
});

describeWithSharedData('the real MobileNet', () => {
  test('is stored in another dtype, folder to folder', async () => {
    const out = join(await createTemporaryFolder(), 'mobilenet');
    const source = join(sharedData, 'mobilenet_v1_0.25_224');
    const { report } = await convertModel({ source, out, dtype: 'uint8' });
    expect(report).toMatchObject({ dtype: 'uint8', naming: 'tfjs', shards: 1 });
    expect(report!.weightBytes).toBeLessThan(600_000);
    const folder = openFileFolder(out);
    const model = (await openWeights(folder, 'model.json')) as Awaited<
      ReturnType<typeof readLayersModel>
    >;
    expect(model.entries.get('conv_pw_13/kernel')?.quantization).toMatchObject({ dtype: 'uint8' });
    expect(model.entries.get('conv_dw_13/depthwise_kernel')?.quantization).toBeUndefined();
    await folder.close();
  });

  test('with an architecture is refused: it has its own', async () => {
    const out = join(await createTemporaryFolder(), 'mobilenet');
    const source = join(sharedData, 'mobilenet_v1_0.25_224');
    await expect(convertModel({ source, out, architecture: 'vgg16' })).rejects.toThrow(
      'leave out --arch',
    );
  });
});
