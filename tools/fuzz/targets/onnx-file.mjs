// @ts-check
import { describeModel, modelFilesInMemory, reportCapabilities } from '@gradcam/core';
import { digestOf } from '../digest.mjs';
import { fixtureSeeds, readFixture } from '../fixtures.mjs';
import { mutateMessage } from '../formats/protobuf.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';

/**
 * ONNX files: protobuf, constants that are computed while reading, translation, names and weights. Gradients
 * are derived for each method, and no model runs.
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
      ...smallSeeds(),
    ],
    async run({ files }) {
      const model = await describeModel(modelFilesInMemory(files));
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
