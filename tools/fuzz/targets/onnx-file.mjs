// @ts-check
import { describeModel, modelFilesInMemory, reportCapabilities } from '@gradcam/core';
import { digestOf } from '../digest.mjs';
import { fixtureSeeds, readFixture } from '../fixtures.mjs';
import { mutateMessage } from '../formats/protobuf.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';

/**
 * ONNX files: protobuf, constants that are computed while reading, translation, names and weights, and nodes
 * that are copied. Gradients are derived for each method, and no model runs.
 *
 * @type {import('../target.mjs').Target}
 */
export const onnxFile = {
  name: 'onnx-file',
  share: 6,
  mutationsOf: () => [mutateMessage, mutateMessage, mutateMessage, mutateBytes],
  start: async () => ({
    seeds: [
      ...fixtureSeeds('core/onnx', /^(resnet|levit|decoder|shufflenet|vit)\..*\.onnx$/),
      ...fixtureSeeds('core/quantised', /^(resnet|vit)\.onnx$/),
      ...fixtureSeeds('core/copied', /\.onnx$/),
      ...smallSeeds(),
    ],
    async run({ files }) {
      const model = await describeModel(modelFilesInMemory(files), {}, undefined, pretendRun);
      const { network, input, endpoints, defaultLayer, assumptions, readWeights } = model;
      const report = reportCapabilities(model);
      const weights = [...((await readWeights?.()) ?? [])];
      return digestOf(
        JSON.stringify({
          nodes: network.nodes,
          input,
          endpoints,
          defaultLayer,
          assumptions,
          report,
        }),
        ...weights.map(
          ([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
        ),
      );
    },
  }),
};

/** What a runtime might answer for a value, usable or not: an element type of onnx.proto and a shape. */
const answers = [
  { type: 1, shape: [1, 6, 12, 12] },
  { type: 1, shape: [1, 3, 12, 12] },
  { type: 2, shape: [1, 6, 12, 12] },
  { type: 7, shape: [1, 4] },
  { type: 9, shape: [1, 1] },
  { type: 10, shape: [] },
  { type: 1, shape: [12, 0] },
  { type: 1, shape: [2 ** 20, 2 ** 20] },
];

/** Bytes of one value, by element type. */
const widths = { 1: 4, 2: 1, 7: 8, 9: 1, 10: 2 };

/**
 * Stands for ONNX Runtime, whose native code is not what is tested: gives each value one of the answers, by
 * the length of its name. Values of absurd size have no bytes.
 *
 * @type {import('@gradcam/core').RunOnnxValues}
 */
async function pretendRun({ outputs, inputs }) {
  return inputs.map(
    () =>
      new Map(
        outputs.map((name) => {
          const answer = answers[name.length % answers.length] ?? { type: 1, shape: [] };
          const { type, shape } = answer;
          const count = shape.reduce((product, size) => product * size, 1);
          const width = widths[/** @type {keyof typeof widths} */ (type)];
          const bytes = new Uint8Array(count > 4096 ? 0 : count * width);
          return [name, { type, shape, bytes }];
        }),
      ),
  );
}

/**
 * Small models of a few nodes whose gradients are tested: one for each rarer operator.
 *
 * @returns {import('../target.mjs').Input[]}
 */
function smallSeeds() {
  /** @type {{ cases: { title: string, model: string }[] }} */
  const { cases } = JSON.parse(new TextDecoder().decode(readFixture('core/onnx-gradients.json')));
  return cases.map(({ title, model }) => ({
    name: title,
    open: 'model.onnx',
    files: { 'model.onnx': new Uint8Array(Buffer.from(model, 'base64')) },
  }));
}
