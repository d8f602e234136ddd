import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOnnxEngine } from '../../src/engines/onnx/create-engine.ts';
import { loadModel } from '../../src/model/model.ts';
import { openOnnxFile } from '../../src/node/open-onnx-file.ts';
import { expectClose } from '../helper/closeness.ts';
import { decodeArray, readFixture, readFixtureBytes, type StoredArray } from '../helper/fixture.ts';

/** Of the largest logit, as in `onnx-nets.test.ts`: ten layers of float32 sums. */
const TEN_LAYERS = 1e-5;

const fixtures = fileURLToPath(new URL('../fixtures/onnx/', import.meta.url));
const resnet = path.join(fixtures, 'resnet.torchscript-open.onnx');
const expected = readFixture<{ input: StoredArray; logits: StoredArray }>('onnx/resnet.json');
const labels = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

/** Loads a model and compares the logits with what PyTorch says of this net. */
async function expectResnet(files: ReturnType<typeof openOnnxFile>) {
  const model = await loadModel(files, { engine: createOnnxEngine(ort) });
  const inputs = { [model.network.inputs[0]!]: decodeArray(expected.input) };
  const { logits } = await model.session.run({ inputs, outputs: [] });
  expectClose(logits, decodeArray(expected.logits), TEN_LAYERS);
  model.dispose();
  return model;
}

let folder: string;
let repository: string;
let server: Server;
let origin: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gradcam-onnx-'));
  // As transformers.js keeps it.
  repository = path.join(folder, '.cache', 'org', 'net');
  await mkdir(path.join(repository, 'onnx'), { recursive: true });
  await cp(resnet, path.join(repository, 'onnx', 'model.onnx'));
  await writeFile(
    path.join(repository, 'config.json'),
    JSON.stringify({ model_type: 'resnet', id2label: { ...labels } }),
  );
  await writeFile(
    path.join(repository, 'preprocessor_config.json'),
    JSON.stringify({
      ...{ image_processor_type: 'ViTImageProcessor', size: 32, do_normalize: true },
      ...{ image_mean: [0.5, 0.4, 0.3], image_std: [0.2, 0.2, 0.2] },
    }),
  );
  await mkdir(path.join(folder, 'two'));
  for (const name of ['a.onnx', 'b.onnx']) await cp(resnet, path.join(folder, 'two', name));
  server = createServer((request, response) => {
    void readFixtureBytes(`onnx${request.url!}`).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

describe('an ONNX file computes what PyTorch says, opened', () => {
  const beside = 'external/resnet.onnx';

  test.each<
    [string, () => Parameters<typeof openOnnxFile> | Promise<Parameters<typeof openOnnxFile>>]
  >([
    ['by its path', () => [resnet]],
    ['by a file: URL', () => [pathToFileURL(resnet)]],
    ['by the text of a file: URL', () => [pathToFileURL(resnet).href]],
    ['by its path, with its weights beside it', () => [path.join(fixtures, beside)]],
    ['by its address', () => [`${origin}/resnet.torchscript-open.onnx`]],
    ['by its address, with its weights beside it', () => [new URL(`${origin}/${beside}`)]],
    ['from its bytes', async () => [await readFixtureBytes('onnx/resnet.torchscript-open.onnx')]],
    [
      'from its bytes and those of its weights',
      async () => [
        await readFixtureBytes(`onnx/${beside}`),
        { 'resnet.onnx.data': await readFixtureBytes(`onnx/${beside}.data`) },
      ],
    ],
  ])('%s', async (_, source) => {
    const { assumptions } = await expectResnet(openOnnxFile(...(await source())));
    expect(assumptions.join()).toMatch(/pixels are scaled to 0\.\.1/);
  });

  test.each(['', 'onnx', 'onnx/model.onnx'])(
    'from the cache of transformers.js, with what the files there say: %s',
    async (place) => {
      const { classNames, input } = await expectResnet(openOnnxFile(path.join(repository, place)));
      expect(classNames.labels).toEqual(labels);
      // (pixel / 255 - mean) / std
      expect(input).toMatchObject({ mean: [0.5, 0.4, 0.3], std: [0.2, 0.2, 0.2] });
      expect(input.scale).toBeCloseTo(1 / 255, 12);
    },
  );
});

test.each([
  ['a path that is not there', 'nowhere.onnx', /no ONNX file was found/],
  ['a folder with several', 'two', /holds 2 ONNX files, a\.onnx, b\.onnx: give the path of one/],
  ['a folder without one', '.cache', /no ONNX file was found; expected the path of an \.onnx file/],
])('%s is refused in one line', (_, name, message) => {
  expect(() => openOnnxFile(path.join(folder, name))).toThrow(message);
});

test('an address of something else is refused in one line', () => {
  expect(() => openOnnxFile(`${origin}/model.json`)).toThrow(
    /is not the address of an \.onnx file/,
  );
});
