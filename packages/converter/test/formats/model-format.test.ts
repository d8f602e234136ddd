import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMemorySource } from '../../src/bytes/source.ts';
import { identifyModelFormat } from '../../src/formats/model-format.ts';
import { identifyModelPath } from '../../src/node/identify-model.ts';
import { identifyTensorFlow } from '../../src/node/identify-graph.ts';
import { listSourceFiles, openSource } from '../../src/node/open-source.ts';
import { buildZip } from '../support/build-zip.ts';

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...Buffer.from(part as string, 'latin1')]));

const zip = [0x50, 0x4b, 0x03, 0x04];

describe('models of other programs, by their bytes', () => {
  test.each<[string, Uint8Array, string, RegExp]>([
    [
      'net.onnx',
      bytes([0x08, 0x08, 0x12, 0x07], 'pytorch'),
      'an ONNX model',
      /explained directly: --model net\.onnx/,
    ],
    [
      'renamed.bin',
      bytes([0x08, 0x07, 0x12, 0x07], 'pytorch'),
      'an ONNX model',
      /--model renamed\.bin\.onnx/,
    ],
    [
      'net.tflite',
      bytes([0x1c, 0, 0, 0], 'TFL3'),
      'a TensorFlow Lite model',
      /from which it was converted/,
    ],
    [
      'renamed.pb',
      bytes([0x08, 0x01, 0x12, 0x20]),
      'the graph of a SavedModel',
      /call it saved_model\.pb/,
    ],
    [
      'net.h5',
      bytes('version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 12345678\n'),
      'a pointer of Git LFS',
      /^get the file with: git lfs pull$/,
    ],
    [
      'face_landmark_68_model-weights_manifest.json',
      bytes('[{"weights":[],"paths":["face_landmark_68_model-shard1"]}]'),
      'a list of weights of TensorFlow.js, without the network',
      /give a model\.json/,
    ],
    [
      'frozen_graph.pb',
      bytes('node {\n  name: "input"\n  op: "Placeholder"\n'),
      'a graph of TensorFlow written as text',
      /as_text=False/,
    ],
    [
      'forest.pkl',
      // pickle.dumps([1], 4)
      bytes([0x80, 4, 0x95, 5, 0, 0, 0, 0, 0, 0, 0], ']', [0x94], 'K', [1], 'a.'),
      'a pickle of Python that PyTorch did not write',
      /torch\.onnx\.export/,
    ],
  ])('%s', async (name, content, what, next) => {
    const found = await identifyModelFormat(createMemorySource(name, content));
    expect(found?.what).toContain(what);
    expect(found?.next).toMatch(next);
  });

  test.each<[string, Uint8Array]>([
    ['weights.npz', bytes(zip, 'arr_0.npy')],
    // These are read.
    ['frozen.pb', bytes([0x0a, 0x20, 0x0a, 0x05], 'input')],
    ['net.h5', bytes([0x89], 'HDF\r\n\x1a\n')],
    ['net.keras', bytes(zip, 'config.json model.weights.h5')],
    ['net.pth', bytes(zip, 'net/data.pkl net/version')],
    ['model.json', bytes('{"format":"layers-model"}')],
    ['empty', new Uint8Array(0)],
    ['one byte', bytes([0x08])],
  ])('%s is none of them', async (name, content) => {
    expect(await identifyModelFormat(createMemorySource(name, content))).toBeNull();
  });
});

describe('folders, and the text file that names the latest checkpoint', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gradcam-formats-'));
    await mkdir(join(folder, 'saved/variables'), { recursive: true });
    await writeFile(join(folder, 'saved/variables/variables.index'), '');
    await writeFile(join(folder, 'saved/variables/notes.txt'), '');
    await writeFile(join(folder, 'saved/saved_model.pb'), Uint8Array.from([8, 1, 18]));
    await writeFile(join(folder, 'checkpoint'), 'model_checkpoint_path: "/far/away/net-7"\n');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('a SavedModel is its graph and its variables', async () => {
    const saved = join(folder, 'saved');
    expect(await identifyTensorFlow(saved)).toBe('saved-model');
    const files = [join(saved, 'saved_model.pb'), join(saved, 'variables/variables.index')];
    expect(await listSourceFiles(saved)).toEqual(files);
    expect(await listSourceFiles(files[0]!)).toEqual(files);
    expect(await identifyTensorFlow(join(folder, 'checkpoint'))).toBeNull();
  });

  test.each(['net', 'net.index', 'net.data-00000-of-00001', 'w.npy', 'w.npz'])(
    '%s holds weights alone, which is said with the next step',
    async (name) => {
      const npy = bytes([0x93], 'NUMPY', [1, 0]);
      const contents: [string, Uint8Array][] = [
        ['net.index', bytes('x'.repeat(60))],
        ['net.data-00000-of-00001', bytes('x')],
        ['w.npy', npy],
        ['w.npz', buildZip([['arr_0.npy', npy]])],
      ];
      for (const [file, content] of contents) await writeFile(join(folder, file), content);
      const found = await identifyModelPath(join(folder, name));
      expect(found?.what).toMatch(
        /(checkpoint of TensorFlow|arrays of NumPy), which holds weights/,
      );
      expect(found?.next).toContain(
        `gradcam convert ${name.startsWith('net') ? 'net' : name} --arch <net>`,
      );
    },
  );

  test('the latest checkpoint is followed in its own folder, or named', async () => {
    await expect(openSource(join(folder, 'checkpoint'), join(folder, 'scratch'))).rejects.toThrow(
      'names the checkpoint /far/away/net-7, which is not in the same folder; put net-7.index',
    );
    // A text that is no weights, under the name that is followed.
    await writeFile(join(folder, 'net-7'), 'nothing');
    await expect(openSource(join(folder, 'checkpoint'), join(folder, 'scratch'))).rejects.toThrow(
      /net-7: expected .npy/,
    );
    // Its files are those that a conversion is known again by.
    expect(await listSourceFiles(join(folder, 'checkpoint'))).toEqual([
      join(folder, 'checkpoint'),
      join(folder, 'net-7'),
    ]);
  });
});
