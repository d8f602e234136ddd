import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { decodeWeights } from '../../src/artifact/decode-weights.ts';
import { isGradcamError } from '../../src/base/errors.ts';
import { readGraphDef, sortNodes } from '../../src/readers/graph-def/graph-def.ts';
import { describeModel } from '../../src/model/describe-model.ts';
import { modelFilesInMemory } from '../../src/readers/model-files.ts';
import { openModelSource } from '../../src/model/model-source.ts';
import { functionalModel, input, layer } from '../helper/keras-model.ts';
import { filesOf } from '../helper/model-files.ts';
import { residualNet } from '../helper/small-nets.ts';
import { listPlaces, replaceAt } from './places.ts';

/**
 * A hostile `model.json` ends in an error of ours, at once. The texts are larger than a stack, so that
 * whatever descends them by recursion, be it JSON.stringify for a message, fails here. Time of the
 * processor counts, since tests share theirs with others; compiling what runs for the first time is in it,
 * hence two seconds for one.
 */
const MAX_CPU_MS = 2000;
// By the clock, which runs on while other tests do.
vi.setConfig({ testTimeout: 120_000 });
const LEVELS = 100_000;
const deepList = '['.repeat(LEVELS) + ']'.repeat(LEVELS);
const deepObject = '{"a":'.repeat(LEVELS) + '1' + '}'.repeat(LEVELS);

const artifact = {
  schema: 1,
  id: 'residual',
  architecture: 'residual',
  source: { uri: 'x', format: 'y', sha256: 'z' },
  shards: {},
  input: {
    height: 9,
    width: 7,
    channelOrder: 'rgb',
    scale: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    fit: 'crop',
    cropFraction: 1,
    resize: 'bilinear-antialias',
    pad: [0, 0, 0],
  },
  logits: 'predictions/linear',
  endpoints: { block1: 'relu1' },
  defaultEndpoint: 'block1',
};

async function jsonOf(files: ReturnType<typeof filesOf>): Promise<Record<string, unknown>> {
  return JSON.parse(new TextDecoder().decode(await files.readFile('model.json')));
}

/** Reads topology and weights; null, or the message of an error of ours. */
async function read(text: string, shard?: Uint8Array): Promise<string | null> {
  const files = modelFilesInMemory({
    'model.json': new TextEncoder().encode(text),
    ...(shard === undefined ? {} : { 'weights.bin': shard }),
  });
  const start = process.cpuUsage();
  try {
    const { manifest } = await describeModel(files, {});
    if (shard !== undefined)
      await decodeWeights(manifest, (path, max) => files.readFile(path, max));
    return null;
  } catch (error) {
    if (!isGradcamError(error)) throw error;
    // One line that moves no cursor and fills no screen.
    expect(error.message).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    expect(error.message.length).toBeLessThan(2000);
    return error.message;
  } finally {
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(MAX_CPU_MS);
  }
}

const residual = await jsonOf(filesOf(residualNet(), artifact));
const shard = await filesOf(residualNet(), artifact).readFile('weights.bin');

describe('every place of a model.json', () => {
  const places = listPlaces(residual);

  test.each([
    ['a list of 100,000 levels', deepList],
    ['an object of 100,000 levels', deepObject],
  ])('as %s: refused for its levels', async (_, text) => {
    // All of them would take a minute: each seventh, and the first ones.
    const some = places.filter((_, index) => index < 20 || index % 7 === 0);
    for (const place of some) {
      expect(await read(replaceAt(residual, place, text)), place.join('.')).toMatch(
        /100\d\d\d levels of lists and objects, the limit is 500/,
      );
    }
  });

  test.each([
    ['nothing', undefined],
    ['null', 'null'],
    ['-1', '-1'],
    ['-0', '-0'],
    ['0', '0'],
    ['0.5', '0.5'],
    ['1e308', '1e308'],
    ['2^31', '2147483648'],
    ['2^53', '9007199254740992'],
    ['true', 'true'],
    ['"NaN"', '"NaN"'],
    ['an empty text', '""'],
    ['__proto__', '"__proto__"'],
    ['constructor', '"constructor"'],
    ['control characters', '"\\u001b[2J\\u0000\\n\\u2028"'],
    ['a long text', `"${'x'.repeat(100_000)}"`],
    ['a list', '[[null],[],0]'],
    ['a long list', `[${'0,'.repeat(10_000)}0]`],
    ['an object', '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'],
    ['450 levels', '['.repeat(450) + ']'.repeat(450)],
  ])('as %s: read, or refused in our own words', async (_, text) => {
    for (const place of places) await read(replaceAt(residual, place, text), shard);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('sizes', () => {
  const withInput = (changes: object): string =>
    JSON.stringify({
      ...residual,
      userDefinedMetadata: {
        gradcam: { ...artifact, input: { ...artifact.input, ...changes } },
      },
    });

  test.each([
    [{ height: 1e308 }, 'input.height: expected an integer from 1 to 16384, found 1e+308'],
    [{ height: 2 ** 31 }, 'input.height: expected an integer from 1 to 16384, found 2147483648'],
    [{ width: 1e9 }, 'input.width: expected an integer from 1 to 16384, found 1000000000'],
    [{ width: 16_000 }, "input: 9x16000 pixels, but the network's input is [9, 7, 3]"],
  ])('of the input that are not the network’s: %j', async (changes, message) => {
    expect(await read(withInput(changes))).toContain(message);
  });

  test.each([
    ['UpSampling2D', { size: [60_000, 60_000] }],
    ['UpSampling2D', { size: [1e9, 1e9] }],
    ['ZeroPadding2D', { padding: 1e9 }],
    ['ZeroPadding2D', { padding: -4 }],
    ['Cropping2D', { cropping: 4 }],
    ['MaxPooling2D', { pool_size: [2, 2], strides: [0, 0] }],
    ['MaxPooling2D', { pool_size: [0, 2], strides: [1, 1] }],
    ['MaxPooling2D', { pool_size: [9, 9], strides: [1, 1] }],
  ])('of a layer’s output: %s %j', async (className, config) => {
    const model = functionalModel([
      input('image', 4, 4, 3),
      layer(className, 'layer', config),
      layer('GlobalAveragePooling2D', 'mean'),
    ]);
    expect(await read(JSON.stringify(await jsonOf(filesOf(model))))).toMatch(/layer/);
  });

  test('of an input of the network', async () => {
    for (const size of [0, -1, 0.5, 1e5, 1e308]) {
      const model = functionalModel([
        input('image', size, 1e5, 3),
        layer('GlobalAveragePooling2D', 'mean'),
      ]);
      expect(await read(JSON.stringify(await jsonOf(filesOf(model))))).toMatch(/image/);
    }
  });

  test('of the whole text, in bytes and in values', async () => {
    const values = JSON.stringify({ ...residual, more: Array(1_000_001).fill(0) });
    expect(await read(values)).toMatch(/ values, the limit is 1000000/);
    const bytes = { ...residual, more: 'x'.repeat(64 * 1024 * 1024) };
    expect(await read(JSON.stringify(bytes))).toMatch(/ bytes, .* 67108864 /);
  });
});

/** Models inside each other, each of which calls the next one twice. */
function ladder(depth: number, innermost: object[]): object {
  const inputOf = (name: string): object => ({
    class_name: 'InputLayer',
    name,
    config: { name, batch_input_shape: [null, 8, 8, 3] },
    inbound_nodes: [],
  });
  let model: Record<string, unknown> = {
    class_name: 'Functional',
    name: 'm0',
    config: {
      name: 'm0',
      layers: [inputOf('i0'), ...innermost],
      input_layers: [['i0', 0, 0]],
      output_layers: [[innermost.length > 0 ? 'act' : 'i0', 0, 0]],
    },
  };
  for (let level = 1; level < depth; level++) {
    const [name, before, own] = [`m${level}`, `m${level - 1}`, `i${level}`];
    const calls = [[[own, 0, 0, {}]], [[before, 0, 0, {}]]];
    const layers = [inputOf(own), { ...model, inbound_nodes: calls }];
    const output_layers = [[before, 1, 0]];
    const config = { name, layers, input_layers: [[own, 0, 0]], output_layers };
    model = { class_name: 'Functional', name, config };
  }
  return { model_config: model };
}

describe('few lines that mean much', () => {
  const act = {
    class_name: 'Activation',
    name: 'act',
    config: { name: 'act', activation: 'relu' },
    inbound_nodes: [[['i0', 0, 0, {}]]],
  };

  test.each([
    ['with a layer', [act]],
    ['with no layer, which makes no node either', []],
  ])('models inside each other, each called twice, %s', async (_, innermost) => {
    const json = { format: 'layers-model', weightsManifest: [{ paths: [], weights: [] }] };
    const text = (depth: number): string =>
      JSON.stringify({ ...json, modelTopology: ladder(depth, innermost) });
    expect(await read(text(24))).toMatch(/over 10000 layers/);
    // 2^3 calls of the innermost are as good as ever.
    if (innermost.length > 0) expect(await read(text(4))).toBeNull();
  });

  test('concatenations that share their parts, as the last layers', async () => {
    const layers = [input('image', 2, 2, 1), layer('ReLU', 'c0')];
    for (let level = 1; level <= 20; level++) {
      const before = `c${level - 1}`;
      layers.push({ name: `c${level}`, className: 'Concatenate', inputs: [before, before] });
    }
    const model = functionalModel([...layers, layer('GlobalAveragePooling2D', 'mean')]);
    const text = JSON.stringify(await jsonOf(filesOf(model))).replace('2,2,1', '2,2,3');
    expect(await read(text)).toBeNull();
  });

  test('thousands of layers in the wrong order are read, soon', async () => {
    const layers = Array.from({ length: 8000 }, (_, i) => layer('ReLU', `r${i}`));
    const model = functionalModel([input('image', 2, 2, 3), ...layers]);
    const json = await jsonOf(filesOf(model));
    const { config } = (json['modelTopology'] as { model_config: { config: { layers: [] } } })
      .model_config;
    config.layers.reverse();
    expect(await read(JSON.stringify(json))).toBeNull();
  });

  test('one shard, named a hundred thousand times', async () => {
    const [group] = residual['weightsManifest'] as [object];
    const weightsManifest = [{ ...group, paths: Array(100_000).fill('weights.bin') }];
    expect(await read(JSON.stringify({ ...residual, weightsManifest }), shard)).toMatch(
      /file weights.bin is listed twice/,
    );
  });
});

describe('shards', () => {
  const weight = { name: 'w', shape: [1], dtype: 'float32' } as const;

  test('are not read on when there are bytes too many', async () => {
    const asked: string[] = [];
    const group = { paths: ['a', 'b', 'c', 'd'], weights: [weight] };
    const decoded = decodeWeights([group], async (path) => {
      asked.push(path);
      return new Uint8Array(4);
    });
    await expect(decoded).rejects.toMatchObject({ kind: 'model' });
    expect(asked).toEqual(['a', 'b']);
  });

  test('larger than what is left are refused by those who know', async () => {
    const files = modelFilesInMemory({ a: new Uint8Array(5) });
    const group = { paths: ['a'], weights: [weight] };
    const decoded = decodeWeights([group], (path, max) => files.readFile(path, max));
    await expect(decoded).rejects.toMatchObject({
      kind: 'model',
      message: expect.stringContaining('file a has 5 bytes, where at most 4 are expected'),
    });
  });
});

describe('files in memory', () => {
  test.each(['model.json', 'constructor', '__proto__', 'toString'])('no %s', async (path) => {
    await expect(modelFilesInMemory({}, 'here').readFile(path)).rejects.toMatchObject({
      kind: 'model',
      message: `here: no file ${path}; the model needs it`,
    });
  });

  test('what is no bytes', async () => {
    const files = modelFilesInMemory({ a: 'text' as unknown as Uint8Array });
    await expect(files.readFile('a')).rejects.toMatchObject({ kind: 'model' });
  });

  test('an IOHandler that fails, or gives what cannot be JSON', async () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const failing = { load: async () => Promise.reject(new Error('no such key')) };
    await expect(openModelSource(failing)).rejects.toMatchObject({
      kind: 'model',
      message: 'the IOHandler does not load: no such key',
    });
    for (const modelTopology of [cyclic, JSON.parse(deepList) as unknown, { n: 1n }]) {
      const artifacts = { modelTopology, weightSpecs: [], weightData: new ArrayBuffer(0) };
      await expect(openModelSource({ load: async () => artifacts })).rejects.toMatchObject({
        kind: 'model',
        message: expect.stringContaining("the IOHandler's model cannot"),
      });
    }
  });
});

describe('every place of a GraphModel', () => {
  const file = new URL('../fixtures/graph/residual/model.json', import.meta.url);
  const { modelTopology } = JSON.parse(readFileSync(file, 'utf8')) as { modelTopology: object };
  // Names, inputs and attributes of the first nodes stand for those of all.
  const nodes = (modelTopology as { node: unknown[] }).node.slice(0, 12);

  test.each(['null', '1e308', '"constructor"', '"!"', '[[null]]', '{"list":{"s":["!"]}}'])(
    'as %s: read, or refused in our own words',
    (text) => {
      for (const place of listPlaces(nodes)) {
        const node = JSON.parse(replaceAt(nodes, place, text)) as unknown;
        try {
          sortNodes(readGraphDef({ node }));
        } catch (error) {
          expect(isGradcamError(error, 'model'), `${place.join('.')}: ${String(error)}`).toBe(true);
        }
      }
    },
  );
});
