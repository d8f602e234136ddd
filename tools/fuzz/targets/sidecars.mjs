// @ts-check
import { describeModel, modelFilesInMemory, prepareInput } from '@gradcam/core';
import { utf8 } from '../bytes.mjs';
import { digestOf } from '../digest.mjs';
import { mutateJson } from '../mutate/json.mjs';
import { mutateText } from '../mutate/text.mjs';
import { createRandom } from '../random.mjs';
import { makeTinyModel } from './tiny-model.mjs';

const IMAGE = {
  width: 9,
  height: 7,
  channels: /** @type {const} */ (3),
  data: createRandom(1).bytes(9 * 7 * 3),
};

/**
 * What programs write beside a model: classes, sizes, pixel values. @type {Readonly<Record<string,
 * unknown>>}
 */
const SIDECARS = {
  'gradcam.json': {
    schema: 1,
    labels: ['cat', 'dog', 'car'],
    input: {
      height: 8,
      width: 8,
      channelOrder: 'rgb',
      scale: 1,
      mean: [1, 2, 3],
      std: [1, 1, 2],
      fit: 'crop',
    },
  },
  'metadata.json': {
    ...{
      tfjsVersion: '1.3.1',
      tmVersion: '2.4.4',
      packageVersion: '0.8.4',
      packageName: '@teachablemachine/image',
    },
    ...{
      userMetadata: {},
      modelName: 'tm-my-image-model',
      labels: ['cat', 'dog', 'car'],
      imageSize: 8,
    },
  },
  'preprocessor_config.json': {
    ...{
      do_normalize: true,
      do_rescale: true,
      do_resize: true,
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
    },
    ...{ rescale_factor: 1 / 255, resample: 2, size: { height: 8, width: 8 } },
  },
  'config.json': {
    architecture: 'net',
    num_classes: 3,
    id2label: { 0: 'cat', 1: 'dog', 2: 'car' },
  },
  'cvexport.manifest': {
    DomainType: 'Classification',
    Platform: 'TensorFlow',
    Flavor: 'TensorFlowJs',
    ExporterVersion: '2.0',
  },
  'labels.txt': 'cat\ndog\ncar\n',
  'dict.txt': '0 cat\n1 dog\n2 car\n',
  'data.yaml': 'names:\n  0: cat\n  1: dog\n  2: car\n',
};

/** A model without any description of itself. */
function bareModel() {
  const text = new TextDecoder().decode(makeTinyModel('float32').files['model.json']);
  const json = JSON.parse(text);
  delete json.userDefinedMetadata;
  return utf8(JSON.stringify(json));
}

/**
 * Files beside a model that describe it.
 *
 * @type {import('../target.mjs').Target}
 */
export const sidecars = {
  name: 'sidecars',
  share: 5,
  mutationsOf: (file) => (/\.(json|manifest)$/.test(file) ? [mutateJson] : [mutateText]),
  async start() {
    const json = bareModel();
    return {
      seeds: Object.entries(SIDECARS).map(([open, content]) => ({
        name: open,
        open,
        files: { [open]: utf8(typeof content === 'string' ? content : JSON.stringify(content)) },
      })),
      async run({ files }) {
        const { input, classNames, assumptions } = await describeModel(
          modelFilesInMemory({ 'model.json': json, ...files }),
        );
        const { values } = prepareInput(IMAGE, input);
        const described = JSON.stringify([input, classNames, assumptions]);
        return digestOf(described, new Uint8Array(values.data.buffer));
      },
    };
  },
};
