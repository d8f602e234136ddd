import type { Engine, Session } from '../engines/port/engine.ts';
import { GradcamError } from '../base/errors.ts';
import { findNode, type Network } from '../network/network.ts';
import { gridOf } from '../network/grid/grid.ts';
import { findImageInput, findRecommended, recommendTap } from '../network/taps.ts';
import { listDescendants } from '../network/walk-graph.ts';
import { didYouMean, nearestNames } from '../base/nearest-names.ts';
import { decodeWeights } from '../artifact/decode-weights.ts';
import { deferWeights } from '../artifact/defer-weights.ts';
import { checkOptionNames, describeValue } from '../base/option-names.ts';
import { checkOverrides, overrideNames } from './check-overrides.ts';
import type { LoadModelOptions, Model, ModelDescription } from './description.ts';
import type { ModelFiles } from '../readers/model-files.ts';
import { describeLayersModel } from './describe-model.ts';
import { readModelJson } from '../readers/model-json.ts';
import { openModelSource, type ModelSource } from './model-source.ts';

export type { LoadModelOptions, Model } from './description.ts';

/**
 * Loads a tfjs LayersModel, a GraphModel or an ONNX file for explanation.
 *
 * An ONNX file is translated. If the engine can run the file itself, the two are compared once on random
 * pixels, and a translation with other results is refused. A GraphModel is translated and compared in the
 * same way. One that cannot be translated, or whose translation has other results, needs an engine that
 * runs GraphModels, and has no gradients.
 *
 * @param source a URL, a model's files (`openModelFolder` of `@gradcam/core/node`, `openOnnxFile`), a tfjs
 * `IOHandler`, or a live `tf.LayersModel`, which is neither changed nor disposed.
 * @throws GradcamError `model` for broken files, `unsupported` for an unknown layer.
 */
export async function loadModel(source: ModelSource, options: LoadModelOptions): Promise<Model> {
  checkOptionNames('loadModel', options, ['engine', 'proofs', ...overrideNames]);
  if (typeof options.engine?.open !== 'function') {
    throw new GradcamError(
      'argument',
      `engine: expected one, as createTfjsEngine of @gradcam/core/tfjs or createOnnxEngine of @gradcam/core/onnx make, got ${describeValue(options.engine)}`,
    );
  }
  checkOverrides(options);
  const files = await openModelSource(source);
  // These readers are loaded when they are needed, so that a page for LayersModels stays small.
  if (files.onnx !== undefined) {
    const { loadOnnxModel } = await import('./load-onnx-model.ts');
    return loadOnnxModel(files, options);
  }
  const { engine } = options;
  const json = await readModelJson(files);
  if (json.format === 'graph-model') {
    const { loadGraphModel } = await import('./load-graph-model.ts');
    return loadGraphModel(json, files, options);
  }
  const description = await describeLayersModel(json, files, options, engine.library);
  const session = await openSession(engine, description, files);
  return { ...description, engine: engine.name, session, dispose: () => session.dispose() };
}

async function openSession(
  engine: Engine,
  { network, manifest }: Awaited<ReturnType<typeof describeLayersModel>>,
  files: ModelFiles,
): Promise<Session> {
  const read = () => decodeWeights(manifest, (path, maxBytes) => files.readFile(path, maxBytes));
  if (engine.openFrom === undefined) return engine.open(network, await read());
  const paths = ['model.json', ...manifest.flatMap((group) => group.paths)];
  return engine.openFrom(network, {
    shapes: new Map(manifest.flatMap((group) => group.weights.map((w) => [w.name, w.shape]))),
    identity: (await files.identify?.(paths)) ?? null,
    read,
    ...(files.openParts !== undefined && {
      defer: () => deferWeights(manifest, (paths) => files.openParts!(paths)),
    }),
  });
}

/**
 * Finds the layer that a user names: `auto`, an endpoint of the source, or the layer's own name.
 *
 * @returns the given name (for `auto` the chosen layer's) and the node that holds the layer's value.
 * @throws GradcamError `not-found` with similar names; `argument` for a layer that is not spatial, or that
 *   does not depend on the picture.
 */
export function resolveLayer(
  model: Pick<ModelDescription, 'network' | 'endpoints' | 'defaultLayer'>,
  name: string,
): { layer: string; node: string } {
  const { network, endpoints } = model;
  const layer = name === 'auto' ? model.defaultLayer : name;
  const own = Object.hasOwn(endpoints, layer) ? endpoints[layer]! : layer;
  const node = network.layers.get(own);
  if (node === undefined) {
    const candidates = nearestNames(layer, [...Object.keys(endpoints), ...network.layers.keys()]);
    throw new GradcamError(
      'not-found',
      `no layer '${layer}'${didYouMean(candidates)} (gradcam inspect lists all)`,
      { candidates },
    );
  }
  const found = findNode(network, node);
  if (gridOf(network, found) === null) {
    // `auto` means the input where no layer is spatial. This call says then that there is none.
    if (name === 'auto') recommendTap(network);
    throw new GradcamError(
      'argument',
      `layer '${layer}' has shape [${found.shape.join(', ')}]: a map needs [height, width, channels], or tokens [tokens, channels] that cut the picture into rows and columns${recommended(network)}`,
    );
  }
  const image = findImageInput(network);
  if (!listDescendants(image, network).has(node)) {
    throw new GradcamError(
      'argument',
      `layer '${layer}' does not depend on the picture, which goes to input ${image}: its map would say nothing of it${recommended(network)}`,
    );
  }
  return { layer, node };
}

function recommended(network: Network): string {
  const found = findRecommended(network);
  return found === null ? '' : `; the recommended layer is '${found.layer}'`;
}
