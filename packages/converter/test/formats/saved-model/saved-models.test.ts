import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { convertGraph } from '../../../src/artifact/convert-graph.ts';
import { createMemoryFolder, createMemorySource } from '../../../src/bytes/source.ts';
import type { GraphFile } from '../../../src/formats/graph-def/graph-file.ts';
import { readFrozenGraph } from '../../../src/formats/graph-def/read-frozen-graph.ts';
import { readSavedModel } from '../../../src/formats/saved-model/read-saved-model.ts';
import { decodeFloats, fixturePath, readFixture, readFixtureJson } from '../../support/fixtures.ts';
import { measureError } from '../../support/load-model.ts';
import { createMemorySink } from '../../support/memory-sink.ts';
import { readGraphJson, runGraph } from '../../support/run-graph.ts';

interface Expected {
  readonly picture: { readonly shape: readonly number[]; readonly uint8: string };
  readonly nets: Readonly<Record<'keras' | 'plain', { readonly logits: { float32: string } }>>;
}

const { picture, nets } = readFixtureJson<Expected>('tensorflow/expected.json');

/** Float32 on the processor and TensorFlow's float64 differ by less than 2e-6 in nets of ten layers. */
const TOLERANCE = 1e-5;

/** A SavedModel of the fixtures, as a changed file of its graph if that is given. */
async function open(name: string, options = {}, graph?: Uint8Array): Promise<GraphFile> {
  const folder = `tensorflow/${name}`;
  if (name.endsWith('.pb')) {
    return readFrozenGraph(createMemorySource(name, graph ?? readFixture(folder)), options);
  }
  const variables = new Map(
    readdirSync(fixturePath(`${folder}/variables`)).map((file) => [
      file,
      new Uint8Array(readFileSync(join(fixturePath(`${folder}/variables`), file))),
    ]),
  );
  const file = createMemorySource(
    'saved_model.pb',
    graph ?? readFixture(`${folder}/saved_model.pb`),
  );
  return readSavedModel(file, createMemoryFolder(variables), options);
}

async function convert(name: string, options = {}) {
  const file = await open(name, options);
  const sink = createMemorySink();
  const digests = { sha256: '', conversion: '' };
  return { sink, report: await convertGraph({ file, sink, source: { uri: name, digests } }) };
}

const pixels = Float32Array.from(Buffer.from(picture.uint8, 'base64'));

function softmax(logits: Float32Array): Float32Array {
  const powers = logits.map((value) => Math.exp(value - Math.max(...logits)));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
}

describe('graphs of TensorFlow, in plain tfjs, against TensorFlow', () => {
  test.each([
    ['keras-export', 'keras'],
    ['keras-save', 'keras'],
    ['module', 'plain'],
    ['v1', 'plain'],
    ['frozen.pb', 'plain'],
  ] as const)('%s', async (name, net) => {
    const { sink } = await convert(name);
    const found = await runGraph(sink, pixels, [1, ...picture.shape]);
    const expected = softmax(decodeFloats(nets[net].logits.float32));
    expect(measureError(found, expected)).toBeLessThan(TOLERANCE);
  });
});

describe('what is read of a SavedModel', () => {
  test('layers have the names that the model of Keras gave them', async () => {
    const { graph } = await open('keras-export');
    const names = graph.nodes.map(({ name }) => name.replace(/^net\w*\//, ''));
    expect(names).toEqual(expect.arrayContaining(['first/convolution', 'last/Relu']));
    expect(names.filter((name) => name.startsWith('last_1/'))).toEqual([]);
  });

  test('a layer that is called twice has its variables once', async () => {
    const { weights } = await open('keras-export');
    const kernels = weights.filter(({ tensor }) => tensor.shape.join() === '3,3,6,6');
    expect(kernels).toHaveLength(1);
  });

  test('the signature and the placeholder are those of the file', async () => {
    const { sink } = await convert('module');
    const { signature } = readGraphJson(sink);
    expect(signature.inputs).toEqual({
      image: {
        name: 'serving_default_image:0',
        dtype: 'DT_FLOAT',
        tensorShape: { dim: [{ size: '-1' }, { size: '16' }, { size: '16' }, { size: '3' }] },
      },
    });
    expect(Object.keys(signature.outputs)).toEqual(['scores']);
  });

  test('another signature is another graph', async () => {
    const { graph, signatures } = await open('module', { signature: 'features' });
    expect(graph.outputs.map(({ key }) => key)).toEqual(['features']);
    expect(graph.nodes.map(({ op }) => op)).not.toContain('MatMul');
    expect(signatures.filter(({ isChosen }) => isChosen).map(({ name }) => name)).toEqual([
      'features',
    ]);
    await expect(open('module', { signature: 'fetures' })).rejects.toThrow(
      "saved_model.pb has no signature 'fetures'; it has features, serving_default",
    );
  });

  test('the branch of training is left out, and every op is one that tfjs runs', async () => {
    for (const name of ['v1', 'frozen.pb']) {
      const { graph } = await open(name);
      const ops = graph.nodes.map(({ op }) => op);
      expect(ops).not.toContain('RandomUniform');
      expect(ops).not.toContain('Switch');
      expect(ops).not.toContain('VariableV2');
    }
  });

  test('without its variables it is refused', async () => {
    const graph = createMemorySource('saved_model.pb', readFixture('tensorflow/v1/saved_model.pb'));
    await expect(readSavedModel(graph, createMemoryFolder(new Map()))).rejects.toThrow(
      /the graph needs the variable net\/first\/kernel, but .* has no variables\.index/,
    );
  });
});

describe('the ends of a frozen graph', () => {
  test('are assumed to be the nodes that no other takes, and it is said', async () => {
    const { report } = await convert('frozen.pb');
    expect(report.notes).toEqual([
      'assumed: the outputs are probabilities, because no other node takes them (--output)',
    ]);
  });

  test('can be named', async () => {
    const { graph } = await open('frozen.pb', { outputs: ['scores/logits', 'last/Relu'] });
    expect(graph.outputs.map(({ key }) => key)).toEqual(['scores/logits', 'last/Relu']);
    await expect(open('frozen.pb', { outputs: ['scores/logit'] })).rejects.toThrow(
      "the graph has no node 'scores/logit' to be an output; nearest: scores/logits",
    );
  });
});
