// @ts-check
/**
 * What the reader of each page has: the files that a page calls the reader's own, and values that a program
 * takes as given. All fixtures are in the repository, so that every page can be run in a fresh clone.
 */

import { readFileSync } from 'node:fs';

const core = 'packages/core/test/fixtures';
const converter = 'packages/converter/test/fixtures';
const kinds = (/** @type {number} */ count) =>
  Array.from({ length: count }, (_, i) => `kind ${i}\n`).join('');

/**
 * `put` maps names in the reader's folder to files of the repository, `write` to texts. `first` is code in
 * front of the page's programs, and `lines` are commands in front of its own.
 *
 * @typedef {{ put?: Record<string, string>, write?: Record<string, string>, first?: string,
 *   lines?: string[] }} Stage
 */

const photos = { photos: 'demo/scenes' };
const demo = { demo: 'demo' };
const fetched = { lines: ['gradcam fetch demo-resnet'] };

/** Values of a package that a program takes as given. @param {string} from @param {string[]} names */
const given = (from, ...names) => `const { ${names.join(', ')} } = await import('${from}');\n`;

/** The objects of the demo's scenes, as COCO writes them. */
function cocoOfScenes() {
  /**
   * @typedef {{ class: string, index: number,
   *   box: Record<'x' | 'y' | 'width' | 'height', number> }} SceneObject
   */
  /** @type {{ file: string, width: number, height: number, objects: SceneObject[] }[]} */
  const scenes = JSON.parse(
    readFileSync(new URL('../../../demo/scenes/scenes.json', import.meta.url), 'utf8'),
  );
  const objects = scenes.flatMap(({ objects }) => objects);
  const categories = new Map(objects.map((one) => [one.index, one.class]));
  return JSON.stringify({
    images: scenes.map(({ file, width, height }, id) => ({ id, file_name: file, width, height })),
    annotations: scenes
      .flatMap(({ objects }, image_id) => objects.map((one) => ({ ...one, image_id })))
      .map(({ image_id, index, box }, id) => ({
        ...{ id, image_id, category_id: index },
        bbox: [box.x, box.y, box.width, box.height],
      })),
    categories: [...categories].map(([id, name]) => ({ id, name })),
  });
}

/** Scenes with boxes around their objects, and a run of them. */
const boxed = {
  put: { ...photos, ...demo, scenes: 'demo/scenes' },
  write: {
    'scenes/coco.json': cocoOfScenes(),
    'truth.csv': 'photos/cat-and-dog.png,cat\nphotos/garden.png,turtle\n',
  },
  lines: [
    'gradcam fetch demo-resnet',
    'gradcam explain photos --model demo-resnet --truth truth.csv --out runs/first',
  ],
};

const onnxFile = { net: 'demo/pytorch' };
const engine = `${given('@gradcam/core/onnx', 'createOnnxEngine')}const ort = await import('onnxruntime-node');
const engine = createOnnxEngine(ort);\n`;
const converting = given(
  '@gradcam/converter/node',
  ...['convertModel', 'identifyTensorFlow', 'isKerasPath', 'isTorchPath'],
);
/** The demo net and a scene, as `model` and `image`. */
const opened = `${engine}const { loadModel } = await import('@gradcam/core');
const { openModelFolder, readImage } = await import('@gradcam/core/node');
const model = await loadModel(openModelFolder('models/demo-resnet'), { engine });
const image = await readImage('demo/scenes/cat-and-dog-128.png');\n`;

/** @type {Record<string, Stage>} */
export const stages = {
  'README.md': {
    put: { ...photos, ...demo, 'my-tfjs-model': `${core}/nets/fused-sequential` },
    write: { 'labels.txt': 'boxer\ntiger cat\nkind 2\nkind 3\nkind 4\n' },
    lines: ['gradcam fetch demo-resnet --models demo-output/models', 'gradcam fetch demo-resnet'],
  },
  'docs/your-model.md': {
    put: {
      ...photos,
      'my-model': `${core}/nets/fused-sequential`,
      'my-detector': `${core}/detectors/yolov8`,
    },
    write: { 'labels.txt': kinds(5), 'things.txt': 'person\ncar\ndog\n' },
  },
  'docs/from-teachable-machine.md': {
    put: {
      ...photos,
      'my-model': `${core}/nets/fused-sequential`,
      'my-keras-model/keras_model.h5': `${converter}/keras/nested.keras2.h5`,
    },
    write: {
      'my-model/metadata.json':
        '{"tfjsVersion":"1.3.1","tmVersion":"2.4.7","packageName":"@teachablemachine/image","labels":["a","b","c","d","e"],"imageSize":32}',
    },
  },
  'docs/from-keras.md': {
    put: { ...photos, 'net.keras': `${converter}/keras/sequential.keras` },
    write: { 'labels.txt': kinds(4) },
  },
  'docs/from-tensorflow.md': {
    put: {
      ...photos,
      'saved-model': `${converter}/tensorflow/keras-export`,
      'frozen.pb': `${converter}/tensorflow/frozen.pb`,
    },
  },
  'docs/from-checkpoints.md': {
    put: { ...photos, 'model.ckpt': `${converter}/slim/mobilenet_v1.ckpt` },
  },
  'docs/from-pytorch.md': {
    put: {
      ...photos,
      ...demo,
      'my_model.onnx': `${core}/onnx/resnet.torchscript-open.onnx`,
      'my_weights.pth': `${converter}/torch/resnet_basic.pth`,
      'flowers.pth': `${converter}/torch-heads/resnet_gray.safetensors`,
    },
    write: { 'labels.txt': kinds(7) },
  },
  'docs/from-hugging-face.md': { put: { ...photos, 'my-model': `${core}/hugging-face` } },
  'docs/from-tfjs.md': {
    put: { ...photos, 'my-model': `${core}/nets/fused-sequential` },
    write: { 'labels.txt': kinds(5) },
  },
  'docs/formats/onnx.md': {
    put: { ...photos, 'my_model.onnx': `${core}/onnx/resnet.torchscript-open.onnx` },
    write: { 'labels.txt': kinds(7) },
  },
  'docs/formats/keras.md': {
    put: { ...photos, 'net.keras': `${converter}/keras/sequential.keras` },
    write: { 'labels.txt': kinds(4) },
  },
  'docs/formats/keras-h5.md': {
    put: { ...photos, 'net.h5': `${converter}/keras/sequential.h5` },
    write: { 'labels.txt': kinds(4) },
  },
  'docs/formats/torch.md': {
    put: { ...photos, 'my_weights.pth': `${converter}/torch/resnet_basic.pth` },
  },
  'docs/formats/safetensors.md': {
    put: { ...photos, 'model.safetensors': `${converter}/torch/resnet_basic.safetensors` },
  },
  'docs/formats/saved-model.md': {
    put: { ...photos, 'saved-model': `${converter}/tensorflow/keras-export` },
  },
  'docs/formats/frozen-graph.md': { put: { 'frozen.pb': `${converter}/tensorflow/frozen.pb` } },
  'docs/formats/tfjs-layers.md': {
    put: { ...photos, 'my-model': `${core}/nets/fused-sequential` },
    write: { 'labels.txt': kinds(5) },
  },
  'docs/formats/tfjs-graph.md': { put: { ...photos, 'my-graph': `${core}/graph/residual` } },
  'docs/formats/checkpoint.md': { put: { 'model.ckpt': `${converter}/slim/mobilenet_v1.ckpt` } },
  'docs/formats/npy.md': { put: demo },
  'docs/which-layer.md': { put: demo },
  'docs/which-method.md': { put: demo },
  'docs/blank-map.md': { put: demo },
  'docs/pytorch-grad-cam.md': {
    put: { ...photos, 'my_model.onnx': `${core}/onnx/resnet.torchscript-open.onnx` },
  },
  'docs/find-wrong.md': { put: demo },
  'docs/words.md': {
    put: {
      ...photos,
      ...demo,
      'my-vqa': `${core}/words/question`,
      'my-captioner': `${core}/words/caption`,
    },
    write: {
      'questions.csv':
        'image,question,answer\nphotos/parade.png,what is left of the dog?,red\nphotos/cat-and-dog.png,is there a red car?,\nphotos/cat-and-dog.png,what is left of the dog?,\n',
    },
  },
  'docs/in-the-browser.md': {},
  'docs/runs.md': { put: photos },
  'docs/export.md': {
    put: demo,
    lines: ['gradcam fetch demo-resnet --models demo-output/models', 'gradcam fetch demo-resnet'],
  },
  'docs/cli.md': {
    put: {
      ...boxed.put,
      'photo.jpg': 'demo/scenes/cat-and-dog.png',
      'net.keras': `${converter}/keras/sequential.keras`,
      'my-vqa': `${core}/words/question`,
      'my-captioner': `${core}/words/caption`,
      'resnet50.pth': `${converter}/torch/resnet_basic.pth`,
      'flowers.pth': `${converter}/torch-heads/resnet_named.safetensors`,
      'saved-model': `${converter}/tensorflow/keras-export`,
      'resnet_v1_50.ckpt': `${converter}/slim/resnet_v1.ckpt`,
    },
    write: { ...boxed.write, 'labels.txt': kinds(4) },
    lines: [...boxed.lines, 'gradcam convert net.keras --out my-model'],
  },
  'docs/evidence.md': { ...boxed, first: opened },
  'packages/core/src/index.ts': { put: demo, ...fetched },
  'packages/core/src/node/explain.ts': {
    put: { 'cat-and-dog.png': 'demo/scenes/cat-and-dog.png' },
    ...fetched,
  },
  'packages/core/src/evidence/index.ts': {
    put: demo,
    ...fetched,
    first: opened + given('@gradcam/core', 'prepareInput'),
  },
  'packages/core/src/export/export-onnx.ts': {
    ...fetched,
    first:
      given('@gradcam/core/export', 'exportOnnx') +
      given('@gradcam/core/node', 'openModelFolder') +
      given('node:fs/promises', 'writeFile'),
  },
  'packages/core/src/model/open-onnx-file.ts': {
    put: onnxFile,
    first: `${engine}${given('@gradcam/core', 'loadModel', 'openOnnxFile')}
const bytes = (await import('node:fs')).readFileSync('net/demo-resnet.onnx');\n`,
  },
  'packages/core/src/node/open-onnx-file.ts': {
    put: {
      'models/resnet50.onnx': 'demo/pytorch/demo-resnet.onnx',
      'node_modules/@huggingface/transformers/.cache/org/net': `${core}/hugging-face`,
    },
    first:
      engine + given('@gradcam/core', 'loadModel') + given('@gradcam/core/node', 'openOnnxFile'),
  },
  'packages/core/src/node/graph-store.ts': {
    first: engine + given('@gradcam/core/node', 'createGraphStore'),
  },
  'packages/core/src/node/onnx-runtime.ts': {
    first:
      given('@gradcam/core/onnx', 'createOnnxEngine') +
      given('@gradcam/core/node', 'loadOnnxRuntime'),
  },
  'packages/core/src/node/proof-store.ts': {
    put: onnxFile,
    first: `${engine}${given('@gradcam/core', 'loadModel')}${given('@gradcam/core/node', 'createProofStore', 'openOnnxFile')}
const files = openOnnxFile('net');
const folder = 'proofs';\n`,
  },
  'packages/core/src/node/read-any-image.ts': {
    put: { 'cat.jpg': 'demo/scenes/cat-and-dog.png' },
    first: given('@gradcam/core/node', 'readAnyImage') + given('node:fs/promises', 'readFile'),
  },
  'packages/core/src/node/scratch-folder.ts': {
    first: engine + given('@gradcam/core/node', 'createScratchFolder'),
  },
  'packages/core/src/engines/onnx/create-engine.ts': {
    first: given('@gradcam/core/onnx', 'createOnnxEngine'),
  },
  'packages/core/src/engines/graph-model/index.ts': {
    put: { graph: `${core}/graph/residual`, 'scene.png': 'demo/scenes/cat-and-dog-128.png' },
    first: `${given('@gradcam/core', 'explain', 'loadModel')}${given('@gradcam/core/node', 'openModelFolder', 'readImage')}${given('@gradcam/core/graph-model', 'createGraphModelEngine')}
const image = await readImage('scene.png');\n`,
  },
  'packages/core/src/engines/tfjs-layers/index.ts': {
    put: { captioner: `${core}/nets/fused-sequential` },
    first:
      given('@gradcam/core', 'loadModel') +
      given('@gradcam/core/node', 'openModelFolder') +
      given('@gradcam/core/layers', 'createLayersEngine'),
  },
  'packages/converter/src/index.ts': {
    put: { 'vgg16.npy': `${converter}/slim/vgg16.npy` },
    first: `const bytes = (await import('node:fs')).readFileSync('vgg16.npy');\n`,
  },
  'packages/converter/src/node/index.ts': { put: demo },
  'packages/converter/src/node/convert-model.ts': { put: demo, first: converting },
  'packages/converter/src/node/fetch-and-convert.ts': {
    first: given('@gradcam/converter/node', 'fetchAndConvert'),
  },
  'packages/converter/src/node/inspect-source.ts': {
    put: { 'model.ckpt': `${converter}/slim/mobilenet_v1.ckpt` },
    first: given('@gradcam/converter/node', 'inspectSource'),
  },
  'packages/converter/src/node/identify-torch.ts': {
    put: { 'net.pth': `${converter}/torch/resnet_basic.pth` },
    first: converting,
  },
  'packages/converter/src/node/identify-keras.ts': {
    put: { 'net.h5': `${converter}/keras/sequential.h5` },
    first: converting,
  },
  'packages/converter/src/node/identify-graph.ts': {
    put: { export: `${converter}/tensorflow/keras-export` },
    first: converting,
  },
};
