// @ts-check
import {
  createMemoryFolder,
  createMemorySource,
  readFrozenGraph,
  readSavedModel,
} from '@gradcam/converter';
import { digestOf, digestWeights } from '../digest.mjs';
import { readFixture } from '../fixtures.mjs';
import { mutateMessage } from '../formats/protobuf.mjs';
import { tableMutations } from '../formats/table-mutations.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';

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
export const tensorflow = {
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
      const file =
        open === 'frozen.pb' ? await readFrozenGraph(source) : await readSavedModel(source, folder);
      const { nodes, inputs, outputs } = file.graph;
      const graph = nodes.map(({ name, op, inputs: given, attributes }) => {
        return [name, op, given.map(({ node, output }) => [node.name, output]), attributes];
      });
      const ends = [...inputs, ...outputs].map(({ key, value }) => [key, value.node.name]);
      const tensors = file.weights.map(({ tensor }) => tensor);
      const weights = await digestWeights({ ...file, tensors, skipped: [] });
      return digestOf(JSON.stringify([graph, ends, weights]));
    },
  }),
};
