// @ts-check

/** @typedef {import('../target.mjs').Target} Target */

/**
 * The targets of each module. A module is loaded only if one of its targets runs, because some load whole
 * engines.
 *
 * @type {Readonly<Record<string, () => Promise<readonly Target[]>>>}
 */
const modules = {
  'npy pickle npz checkpoint-v1 checkpoint-v2': async () =>
    (await import('./weights.mjs')).weightTargets,
  'keras-h5 keras-zip': async () => (await import('./keras.mjs')).kerasTargets,
  'torch-zip torch-modules torch-legacy torch-tar safetensors': async () =>
    (await import('./torch.mjs')).torchTargets,
  'torch-heads': async () => [(await import('./torch-heads.mjs')).torchHeads],
  'tensorflow web-graph': async () => (await import('./tensorflow.mjs')).tensorflowTargets,
  archive: async () => [(await import('./archive.mjs')).archive],
  'layers-model': async () => [(await import('./layers-model.mjs')).layersModel],
  'model-json': async () => [(await import('./model-json.mjs')).modelJson],
  sidecars: async () => [(await import('./sidecars.mjs')).sidecars],
  'foreign-layers': async () => [(await import('./foreign-layers.mjs')).foreignLayers],
  'onnx-file': async () => [(await import('./onnx-file.mjs')).onnxFile],
  'graph-def': async () => [(await import('./graph-def.mjs')).graphDef],
  'graph-model': async () => [(await import('./graph-model.mjs')).graphModel],
  'run-files': async () => [(await import('./run-files.mjs')).runFiles],
  labels: async () => [(await import('./labels.mjs')).labels],
  'truth-table': async () => [(await import('./truth.mjs')).truth],
  'image-png image-jpeg image-webp image-gif image-tiff image-avif': async () =>
    (await import('./images.mjs')).imageTargets,
  'http-range': async () => [(await import('./http-range.mjs')).httpRange],
  download: async () => [(await import('./download.mjs')).download],
  'download-image': async () => [(await import('./download-image.mjs')).imageDownload],
  'view-requests': async () => [(await import('./view-requests.mjs')).viewRequests],
};

/** Loads all targets, in the order of this list. */
export async function loadTargets() {
  return (await Promise.all(Object.values(modules).map((load) => load()))).flat();
}

/**
 * @param {string} name
 * @returns {Promise<Target>}
 * @throws Error that lists the existing targets
 */
export async function loadTarget(name) {
  const [, load] = Object.entries(modules).find(([names]) => names.split(' ').includes(name)) ?? [];
  const found = (await load?.())?.find((target) => target.name === name);
  if (found !== undefined) return found;
  throw new Error(`no target '${name}'; there are ${Object.keys(modules).join(' ')}`);
}
