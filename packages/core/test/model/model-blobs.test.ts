import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { openModelBlobs, type ModelBlob } from '../../src/browser/model-blobs.ts';
import { createOnnxEngine } from '../../src/engines/onnx/create-engine.ts';
import { loadModel } from '../../src/model/model.ts';
import { expectClose } from '../helper/closeness.ts';
import { decodeArray, readFixture, readFixtureBytes, type StoredArray } from '../helper/fixture.ts';

/** Of the largest logit, as in `onnx-nets.test.ts`: ten layers of float32 sums. */
const TEN_LAYERS = 1e-5;

const expected = readFixture<{ input: StoredArray; logits: StoredArray }>('onnx/resnet.json');

function textBlob(path: string, text: string): ModelBlob {
  return { path, blob: new Blob([text]) };
}

async function fixtureBlob(path: string, fixture: string): Promise<ModelBlob> {
  return { path, blob: new Blob([(await readFixtureBytes(fixture)) as Uint8Array<ArrayBuffer>]) };
}

/** Loads the files and compares the logits with what PyTorch says of this net. */
async function expectResnet(files: readonly ModelBlob[]) {
  const model = await loadModel(await openModelBlobs(files, 'dropped'), {
    engine: createOnnxEngine(ort),
  });
  const inputs = { [model.network.inputs[0]!]: decodeArray(expected.input) };
  const { logits } = await model.session.run({ inputs, outputs: [] });
  const exact = decodeArray(expected.logits);
  expectClose(logits, exact, TEN_LAYERS);
  model.dispose();
  return model;
}

const whole = 'onnx/resnet.torchscript-open.onnx';
const external = 'onnx/external/resnet.onnx';

describe('files in memory as a model', () => {
  test('an ONNX file alone', async () => {
    await expectResnet([await fixtureBlob('resnet.onnx', whole)]);
  });

  test('a repository of Hugging Face: the file in its folder, described by what lies above', async () => {
    const { classNames, readFrom } = await expectResnet([
      textBlob('README.md', '# A net'),
      textBlob(
        'config.json',
        JSON.stringify({
          model_type: 'resnet',
          id2label: { ...['a', 'b', 'c', 'd', 'e', 'f', 'g'] },
        }),
      ),
      await fixtureBlob('onnx/model.onnx', whole),
      textBlob('onnx/model_int8.onnx', 'of no interest'),
    ]);
    expect(classNames.labels).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    expect(readFrom).toEqual(['config.json: 7 class names']);
  });

  test('weights in a file of their own', async () => {
    await expectResnet([
      await fixtureBlob('resnet.onnx', external),
      await fixtureBlob('resnet.onnx.data', `${external}.data`),
    ]);
  });

  test('weights beside the model count, not those of the same name in another folder', async () => {
    await expectResnet([
      textBlob('old/resnet.onnx.data', 'of another model'),
      await fixtureBlob('resnet.onnx', external),
      await fixtureBlob('resnet.onnx.data', `${external}.data`),
    ]);
  });

  test('weights in another folder may be those of another model', async () => {
    const files = await openModelBlobs(
      [
        await fixtureBlob('resnet.onnx', external),
        await fixtureBlob('old/resnet.onnx.data', `${external}.data`),
      ],
      'dropped',
    );
    await expect(loadModel(files, { engine: createOnnxEngine(ort) })).rejects.toThrow(
      /^dropped: no file resnet\.onnx\.data, which resnet\.onnx needs/,
    );
  });

  test('a model that states folders finds weights that were chosen one by one', async () => {
    const files = await openModelBlobs(
      [textBlob('model.json', '{}'), textBlob('my shard.bin', 'weights')],
      'chosen',
    );
    for (const stated of ['shards/my shard.bin', 'shards/my%20shard.bin', '../my shard.bin']) {
      expect(new TextDecoder().decode(await files.readFile(stated))).toBe('weights');
    }
  });

  test.each<[string, readonly ModelBlob[], RegExp]>([
    [
      'nothing',
      [],
      /^dropped: no model was found; expected an \.onnx file, or a model\.json of Tens/,
    ],
    [
      'a file of Keras',
      [textBlob('net.h5', 'x')],
      /^dropped: no model was found; .*; gradcam convert /,
    ],
    [
      'JSON that is none',
      [textBlob('config.json', '{}')],
      /^dropped: no model was found; expected/,
    ],
    [
      'two',
      ['b.onnx', 'a.onnx'].map((name) => textBlob(name, 'x')),
      /^dropped holds 2 ONNX files, a\.onnx, b\.onnx: give the files of one$/,
    ],
    [
      'one deeper down',
      [textBlob('nets/one/model.json', '{}')],
      /^dropped: no model was found at its top; give the folder of nets\/one\/model\.json$/,
    ],
  ])('%s is refused in one line', async (_, files, message) => {
    await expect(openModelBlobs(files, 'dropped')).rejects.toThrow(message);
  });

  test('weights that were not given are named', async () => {
    const files = await openModelBlobs([await fixtureBlob('resnet.onnx', external)], 'dropped');
    await expect(loadModel(files, { engine: createOnnxEngine(ort) })).rejects.toThrow(
      /^dropped: no file resnet\.onnx\.data, which resnet\.onnx needs; give it together with resnet\.onnx$/,
    );
  });

  test('sizes are compared before anything is read', async () => {
    const unread = (size: number): Blob => {
      const blob = new Blob(['x']);
      const read = () => Promise.reject(new Error('it was read'));
      return Object.defineProperties(blob, { size: { value: size }, arrayBuffer: { value: read } });
    };
    const huge = await openModelBlobs([{ path: 'net.onnx', blob: unread(2 ** 31 + 1) }], 'dropped');
    await expect(huge.readFile('net.onnx')).rejects.toThrow(/has 2147483649 bytes, where at most/);
    // Each is small enough by itself.
    const parts = ['net.onnx', 'net.onnx.data'].map((path) => ({
      path,
      blob: unread(2 ** 30 + 1),
    }));
    const both = await openModelBlobs(parts, 'dropped');
    await expect(both.readFile('net.onnx')).rejects.toThrow(/it was read/);
    await expect(both.readFile('net.onnx.data')).rejects.toThrow(/has 2147483650 bytes/);
  });
});
