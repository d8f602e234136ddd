import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConvertedModelJson } from '../../src/artifact/model-json.ts';
import { convertModel } from '../../src/node/convert-model.ts';
import { findKerasArchitecture } from '../../src/node/find-keras-architecture.ts';
import { inspectSource } from '../../src/node/inspect-source.ts';
import { fixturePath } from '../support/fixtures.ts';

const apart = fixturePath('keras/apart');

describe('weights of Keras with their architecture in another file', () => {
  let folder: string;
  const place = (name: string): string => path.join(folder, name);

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gradcam-apart-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function put(name: string, as = name): Promise<string> {
    await copyFile(path.join(apart, name), place(as));
    return place(as);
  }

  /** The layers and the weights of a converted model. */
  async function contentOf(out: string): Promise<{ layers: unknown; bytes: Uint8Array }> {
    const json = JSON.parse(
      await readFile(path.join(out, 'model.json'), 'utf8'),
    ) as ConvertedModelJson;
    const [group, ...more] = json.weightsManifest;
    expect([more.length, group!.paths.length]).toEqual([0, 1]);
    const bytes = new Uint8Array(await readFile(path.join(out, group!.paths[0]!)));
    const topology = json.modelTopology as { model_config: { config: { layers: unknown } } };
    return { layers: [topology.model_config.config.layers, group!.weights], bytes };
  }

  test.each([
    ['chain_weights.h5', 'chain.json', 'sequential.keras2.h5'],
    ['numbered.weights.h5', 'numbered.json', 'sequential.keras'],
  ])('%s with %s is the net of %s', async (weights, architecture, whole) => {
    await put(architecture);
    const { report } = await convertModel({ source: await put(weights), out: place('net') });
    expect(report?.notes).toEqual([
      `the layers were read from ${architecture}, since ${weights} holds weights alone`,
    ]);
    // The outputs of the whole file are compared with TensorFlow's in keras-files.test.ts.
    await convertModel({ source: fixturePath(`keras/${whole}`), out: place('whole') });
    expect(await contentOf(place('net'))).toEqual(await contentOf(place('whole')));
    const { layers, notes } = await inspectSource(place(weights));
    expect(layers?.map(({ name }) => name)).toContain('last');
    expect(notes).toEqual(report?.notes);
  });

  test('the file with the name of the weights is taken, else the only one, else none', async () => {
    const weights = await put('chain_weights.h5');
    expect(await findKerasArchitecture(weights)).toBe(null);
    await writeFile(place('class_indices.json'), '{"0": "cat"}');
    await writeFile(place('broken.json'), '{"class_name": "Sequential", "config": [');
    await put('chain.json', 'model.json');
    expect(await findKerasArchitecture(weights)).toBe(place('model.json'));
    await put('numbered.json');
    expect(await findKerasArchitecture(weights)).toBe(null);
    await put('chain.json');
    expect(await findKerasArchitecture(weights)).toBe(place('chain.json'));
    await put('chain.json', 'chain_weights.json');
    expect(await findKerasArchitecture(weights)).toBe(place('chain_weights.json'));
    // A whole model needs no other file.
    await copyFile(fixturePath('keras/sequential.h5'), place('chain.h5'));
    expect(await findKerasArchitecture(place('chain.h5'))).toBe(null);
  });

  test('another architecture makes another conversion, and a stated one is taken from any folder', async () => {
    const source = await put('chain_weights.h5');
    const out = place('net');
    const architecture = path.join(apart, 'chain.json');
    await expect(convertModel({ source, out })).rejects.toThrow(
      'chain_weights.h5 is HDF5 without a model (no attribute model_config); if it holds the weights of a Keras model, name the file that model.to_json() wrote: gradcam convert chain_weights.h5 --arch model.json',
    );
    const first = await convertModel({ source, architecture, out });
    expect(first.report?.used.length).toBeGreaterThan(10);
    expect((await convertModel({ source, architecture, out })).report).toBe(undefined);
    const text = await readFile(architecture, 'utf8');
    await writeFile(place('linear.json'), text.replace('"softmax"', '"linear"'));
    const other = await convertModel({
      source,
      architecture: place('linear.json'),
      out: place('b'),
    });
    expect(other.sourceSha256).not.toBe(first.sourceSha256);
  });

  test.each([
    ['no JSON', 'a text', /other.json: expected the architecture of a Keras model/],
    [
      'a layer without weights',
      (text: string) => text.replaceAll('"dense_1"', '"dense_7"'),
      /chain_weights.h5 with the layers of other.json: layer dense_7 \(Dense\): expected the weights kernel, bias, found none/,
    ],
    [
      'weights without a layer',
      (text: string) => {
        const json = JSON.parse(text) as { config: { layers: unknown[] } };
        json.config.layers.pop();
        return JSON.stringify(json);
      },
      /no layer takes dense_1\/dense_1\/kernel:0 \(2 of the weights are left over\)/,
    ],
  ])('%s is refused', async (_, change, message) => {
    const source = await put('chain_weights.h5');
    const text = await readFile(path.join(apart, 'chain.json'), 'utf8');
    await writeFile(place('other.json'), typeof change === 'string' ? change : change(text));
    const architecture = place('other.json');
    await expect(convertModel({ source, architecture, out: place('net') })).rejects.toThrow(
      message,
    );
  });

  test('HDF5 of another program beside an architecture is called so', async () => {
    const bytes = await readFile(path.join(apart, 'numbered.weights.h5'));
    // The same file with other names of groups: no layer of Keras has its variables there.
    const other = Buffer.from(bytes.toString('latin1').replaceAll('vars\0', 'axis\0'), 'latin1');
    await writeFile(place('history.h5'), other);
    const source = place('history.h5');
    const architecture = path.join(apart, 'numbered.json');
    await expect(convertModel({ source, architecture, out: place('net') })).rejects.toThrow(
      /history.h5 with the layers of numbered.json: expected weights that Keras wrote, found \d+ other tensors, first /,
    );
  });

  test.each(['chain_weights.h5', 'numbered.weights.h5'])(
    'weights of %s that the architecture has no layer for are refused',
    async (weights) => {
      const source = await put(weights);
      const name = weights.startsWith('chain') ? 'chain.json' : 'numbered.json';
      const json = JSON.parse(await readFile(path.join(apart, name), 'utf8')) as {
        config: { layers: { class_name: string }[] };
      };
      const architecture = place('short.json');
      const convert = async (layers: unknown[]) => {
        await writeFile(
          architecture,
          JSON.stringify({ ...json, config: { ...json.config, layers } }),
        );
        return convertModel({ source, architecture, out: place('net') });
      };
      const { layers } = json.config;
      await expect(convert(layers.slice(0, -1))).rejects.toThrow('2 of the weights are left over');
      // A layer without weights that stands in the file is missed by nobody.
      const trained = layers.filter(({ class_name: kind }) => kind !== 'Dropout');
      expect((await convert(trained)).report?.used).toHaveLength(16);
    },
  );

  test('an architecture is refused for anything but weights of Keras alone', async () => {
    const architecture = path.join(apart, 'chain.json');
    const convert = (source: string) => convertModel({ source, architecture, out: place('net') });
    await expect(convert(fixturePath('keras/sequential.h5'))).rejects.toThrow(
      'sequential.h5 is a whole model of Keras, which has its own architecture; leave out chain.json',
    );
    await expect(convert(fixturePath('keras/sequential.keras'))).rejects.toThrow('leave out');
  });
});
