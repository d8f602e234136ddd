// @ts-check
import {
  createMemoryFolder,
  createMemorySource,
  isGraphFile,
  openWeights,
  readFrozenGraph,
  readSavedModel,
} from '@gradcam/converter';
import { digestOf, digestWeights } from '../digest.mjs';
import { readFixture } from '../fixtures.mjs';
import { mutateMessage } from '../formats/protobuf.mjs';
import { tableMutations } from '../formats/table-mutations.mjs';
import { divideGraph } from '../formats/web-graph.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { mutateJson } from '../mutate/json.mjs';
import { compareDecoded } from './compare-decoded.mjs';

const FOLDER = 'converter/tensorflow';
const VARIABLES = ['variables.index', 'variables.data-00000-of-00001'];

/** @param {string} name */
function savedModelSeed(name) {
  const read = (/** @type {string} */ file) => readFixture(`${FOLDER}/${name}/${file}`);
  return {
    name,
    open: 'saved_model.pb',
    files: {
      'saved_model.pb': read('saved_model.pb'),
      ...Object.fromEntries(VARIABLES.map((file) => [file, read(`variables/${file}`)])),
    },
  };
}

/**
 * SavedModels and frozen graphs: messages at any depth, and the table of the variables.
 *
 * @type {import('../target.mjs').Target}
 */
const tensorflow = {
  name: 'tensorflow',
  share: 10,
  mutationsOf(file) {
    if (file.endsWith('.index')) return tableMutations;
    return file.endsWith('.pb') ? [mutateMessage] : [mutateBytes];
  },
  start: async () => ({
    seeds: [
      ...['keras-export', 'keras-save', 'module', 'v1'].map(savedModelSeed),
      {
        name: 'frozen.pb',
        open: 'frozen.pb',
        files: { 'frozen.pb': readFixture(`${FOLDER}/frozen.pb`) },
      },
    ],
    async run({ open, files }) {
      const source = createMemorySource(open, files[open]);
      const folder = createMemoryFolder(new Map(Object.entries(files)));
      return digestGraph(
        open === 'frozen.pb' ? await readFrozenGraph(source) : await readSavedModel(source, folder),
      );
    },
  }),
};

const WEB_GRAPH = 'tensorflowjs_model.pb';

/** Shards that end in the middle of weights. */
const SHARD_BYTES = 1500;

/** @param {'uint8' | 'uint16'} [quantised] */
async function webGraphSeed(quantised) {
  const graph = readFixture(`${FOLDER}/frozen.pb`);
  const { tensors } = await readFrozenGraph(createMemorySource('frozen.pb', graph));
  const name = quantised ?? 'float32';
  return {
    name,
    open: WEB_GRAPH,
    files: await divideGraph(graph, tensors, SHARD_BYTES, quantised),
  };
}

/**
 * Graphs whose weights tensorflowjs_converter 0.x put into files beside them.
 *
 * @type {import('../target.mjs').Target}
 */
const webGraph = {
  name: 'web-graph',
  share: 10,
  mutationsOf(file) {
    if (file === WEB_GRAPH) return [mutateMessage];
    return file.endsWith('.json') ? [mutateJson] : [mutateBytes];
  },
  start: async () => ({
    seeds: await Promise.all([webGraphSeed(), webGraphSeed('uint8'), webGraphSeed('uint16')]),
    async run({ open, files }) {
      const file = await openWeights(createMemoryFolder(new Map(Object.entries(files))), open);
      if (!isGraphFile(file)) return digestWeights(file);
      const manifest = () => JSON.parse(new TextDecoder().decode(files['weights_manifest.json']));
      await compareDecoded(file.tensors, manifest, files);
      return digestGraph(file);
    },
  }),
};

/**
 * The nodes, the ends and the weights of a graph.
 *
 * @param {import('@gradcam/converter').GraphFile} file
 */
async function digestGraph(file) {
  const { nodes, inputs, outputs } = file.graph;
  const graph = nodes.map(({ name, op, inputs: given, attributes }) => {
    return [name, op, given.map(({ node, output }) => [node.name, output]), attributes];
  });
  const ends = [...inputs, ...outputs].map(({ key, value }) => [key, value.node.name]);
  const tensors = file.weights.map(({ tensor }) => tensor);
  const weights = await digestWeights({ ...file, tensors, skipped: [] });
  return digestOf(JSON.stringify([graph, ends, weights]));
}

export const tensorflowTargets = [tensorflow, webGraph];
