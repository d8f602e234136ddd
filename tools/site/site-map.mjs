// @ts-check
/** Which pages the site has, in which order, and from which files of the repository they are made. */

/**
 * A page that is made of one Markdown file of the repository.
 *
 * @typedef {{ source: string, address: string, short: string }} MappedPage `source` is a path in the
 * repository, `address` one in the site, `short` the title in the menu.
 * @typedef {{ title: string, pages: MappedPage[] }} MappedSection
 */

/** @param {string} source @param {string} address @param {string} short @returns {MappedPage} */
const page = (source, address, short) => ({ source, address, short });

/** @type {MappedPage} */
export const home = page('docs/index.md', 'index.html', 'Start');

/** The page that explains pictures in the reader's browser; `live-page.mjs` puts it together. */
export const live = { address: 'live/index.html#sample=cat-and-dog', short: 'Try it live' };

/** @type {MappedSection[]} */
export const sections = [
  {
    title: 'Your model',
    pages: [
      page('docs/your-model.md', 'your-model/index.html', 'By where it comes from'),
      page(
        'docs/from-teachable-machine.md',
        'your-model/teachable-machine.html',
        'Teachable Machine',
      ),
      page('docs/from-keras.md', 'your-model/keras.html', 'Keras'),
      page('docs/from-pytorch.md', 'your-model/pytorch.html', 'PyTorch, ONNX'),
      page('docs/from-hugging-face.md', 'your-model/hugging-face.html', 'Hugging Face'),
      page('docs/from-tfjs.md', 'your-model/tfjs.html', 'TensorFlow.js'),
      page('docs/from-tensorflow.md', 'your-model/tensorflow.html', 'TensorFlow: SavedModel, .pb'),
      page('docs/from-checkpoints.md', 'your-model/checkpoints.html', 'Checkpoints, .npy'),
      page('docs/models.md', 'your-model/models.html', 'What is read, in detail'),
      page('docs/layers.md', 'your-model/layers.html', 'Layers of Keras and tfjs'),
    ],
  },
  {
    title: 'Formats of files',
    pages: [
      page('docs/formats/onnx.md', 'formats/onnx.html', 'ONNX'),
      page('docs/formats/keras.md', 'formats/keras.html', 'Keras: .keras'),
      page('docs/formats/keras-h5.md', 'formats/keras-h5.html', 'Keras: .h5'),
      page('docs/formats/torch.md', 'formats/torch.html', 'PyTorch: .pth'),
      page('docs/formats/safetensors.md', 'formats/safetensors.html', 'safetensors'),
      page('docs/formats/saved-model.md', 'formats/saved-model.html', 'SavedModel'),
      page('docs/formats/frozen-graph.md', 'formats/frozen-graph.html', 'Frozen .pb'),
      page('docs/formats/tfjs-layers.md', 'formats/tfjs-layers.html', 'tfjs LayersModel'),
      page('docs/formats/tfjs-graph.md', 'formats/tfjs-graph.html', 'tfjs GraphModel'),
      page('docs/formats/checkpoint.md', 'formats/checkpoint.html', 'Checkpoints'),
      page('docs/formats/npy.md', 'formats/npy.html', '.npy, .npz'),
    ],
  },
  {
    title: 'Guide',
    pages: [
      page('docs/which-layer.md', 'guide/which-layer.html', 'Which layer'),
      page('docs/which-method.md', 'guide/which-method.html', 'Which method'),
      page('docs/blank-map.md', 'guide/blank-map.html', 'Why is my map blank?'),
      page('docs/words.md', 'guide/words.html', 'Questions and captions'),
      page('docs/find-wrong.md', 'guide/find-wrong.html', 'Why was a picture wrong?'),
      page('docs/pytorch-grad-cam.md', 'guide/pytorch-grad-cam.html', 'Beside pytorch-grad-cam'),
      page('docs/in-the-browser.md', 'guide/in-the-browser.html', 'In the browser'),
      page('docs/runs.md', 'guide/large-folders.html', 'Large folders'),
      page('docs/viewer.md', 'guide/viewer.html', 'Look at a run'),
      page('docs/service.md', 'guide/server.html', 'On a server'),
      page('docs/fleet.md', 'guide/fleet.html', 'On many machines'),
      page('docs/export.md', 'guide/export.html', 'In other programs (ONNX)'),
      page('examples/README.md', 'guide/examples.html', 'Small programs'),
    ],
  },
  {
    title: 'Methods',
    pages: [
      page('docs/methods.md', 'methods/index.html', 'All methods'),
      page('docs/presets.md', 'methods/presets.html', 'As other libraries do it'),
      page('docs/evidence.md', 'methods/evidence.html', 'Is a map worth believing?'),
    ],
  },
  {
    title: 'Reference',
    pages: [
      page('docs/cli.md', 'reference/command.html', 'The command'),
      page('docs/engines.md', 'reference/engines.html', 'Engines'),
      page('CHANGELOG.md', 'reference/changes.html', 'Changes'),
    ],
  },
  {
    title: 'How far to trust it',
    pages: [
      page('docs/verification.md', 'trust/verification.html', 'Verification'),
      page('docs/zoo.md', 'trust/zoo.html', 'A hundred nets'),
      page('docs/benchmarks.md', 'trust/benchmarks.html', 'Benchmarks'),
      page('docs/fuzzing.md', 'trust/fuzzing.html', 'Damaged inputs'),
      page('docs/torture.md', 'trust/torture.html', 'Kills and full disks'),
      page('SECURITY.md', 'trust/security.html', 'Security'),
      page('demo/README.md', 'trust/demo.html', 'The demo nets'),
      page('demo/model-cards/demo-resnet.md', 'trust/demo-resnet.html', 'Card of demo-resnet'),
      page('demo/model-cards/demo-vgg.md', 'trust/demo-vgg.html', 'Card of demo-vgg'),
    ],
  },
  {
    title: 'Development',
    pages: [
      page('ARCHITECTURE.md', 'development/architecture.html', 'Architecture'),
      page('CONTRIBUTING.md', 'development/contributing.html', 'Contributing'),
      page('docs/publishing.md', 'development/publishing.html', 'Publishing'),
      page('docs/licences.md', 'development/licences.html', 'Licences'),
    ],
  },
];
