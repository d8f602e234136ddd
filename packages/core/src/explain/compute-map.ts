import { batchItem, type NdArray } from '../base/nd-array.ts';
import type { ChannelOrder } from '../artifact/artifact.ts';
import { GradcamError } from '../base/errors.ts';
import { toRgbOrder } from '../image/pixel-map.ts';
import type { Method, RunMap, RunMethod } from '../methods/method.ts';
import type { ModelRun } from '../methods/model-run.ts';
import { hasMeanAndLinearHead } from '../network/linear-head.ts';
import type { Network } from '../network/network.ts';
import { findRecommended, recommendTap } from '../network/taps.ts';
import { fuseMaps } from './fuse-maps.ts';
import type { LayerChoice } from './layer-choice.ts';

/** What one image's runs of a model gave. */
export interface ImageRuns {
  readonly run: ModelRun;
  /** The model's input [1, ..]. */
  readonly values: NdArray;
  readonly channelOrder: ChannelOrder;
  /** Finds the map of a method of many runs. */
  readonly mapOf: (seed: number, method: RunMethod, node: string) => RunMap;
}

/** A method's raw map of one target, with what it was made from. */
export interface ComputedMap extends Omit<RunMap, 'map'> {
  readonly raw: NdArray;
  /** Of each layer, before they were fused. */
  readonly parts: readonly NdArray[];
  readonly gradients: readonly NdArray[];
}

/** Whether a method's map depends on the layer that is asked for. */
export function usesLayer(method: Method): boolean {
  return method.kind === 'grid' || method.usesLayer;
}

/**
 * @throws GradcamError `not-found` for a method at a layer of a model that has none with a spatial output;
 *   `unsupported` for a method that presumes another tail than a layer has, or that
 *   makes no map at a layer that could be fused with others.
 */
export function checkLayers(
  method: Method,
  choices: readonly LayerChoice[],
  network: Network,
): void {
  const isInput = choices.some(({ nodes }) => nodes.some((node) => network.inputs.includes(node)));
  // `auto` of a model without a spatial layer is its picture: this says what can be done.
  if (usesLayer(method) && isInput && findRecommended(network) === null) recommendTap(network);
  const fused = choices.find(({ nodes }) => nodes.length > 1);
  if (fused !== undefined && method.kind === 'pixels' && method.usesLayer) {
    throw new GradcamError(
      'unsupported',
      `${method.name} takes one layer at a time, not ${fused.layer}`,
    );
  }
  if (method.kind !== 'grid' || method.presumes === undefined) return;
  const wrong = choices.find(({ nodes }) =>
    nodes.some((node) => !hasMeanAndLinearHead(network, node)),
  );
  if (wrong === undefined) return;
  throw new GradcamError(
    'unsupported',
    `${method.name} needs a layer that is followed by the mean over its grid and one linear layer, which '${wrong.layer}' is not; use grad-cam, which works at every layer`,
  );
}

/** The map of one seed by one method at one choice of layers; several layers' maps are fused. */
export function computeMap(
  method: Method,
  { nodes }: LayerChoice,
  seed: number,
  runs: ImageRuns,
): ComputedMap {
  if (!usesLayer(method)) return computeAt(method, nodes[0], seed, runs);
  const found = nodes.map((node) => computeAt(method, node, seed, runs));
  if (found.length === 1) return found[0]!;
  const parts = found.map(({ raw }) => raw);
  return { raw: fuseMaps(parts), parts, gradients: found.flatMap(({ gradients }) => gradients) };
}

function computeAt(
  method: Method,
  node: string,
  seed: number,
  { run, values, channelOrder, mapOf }: ImageRuns,
): ComputedMap {
  const layer = run.layer(node, seed);
  if (method.kind === 'runs') {
    const { map, ...facts } = mapOf(seed, method, node);
    const raw = method.map === 'pixels' ? toRgbOrder(map, channelOrder) : map;
    return { ...facts, raw, parts: [raw], gradients: [layer.gradients] };
  }
  if (method.kind === 'grid') {
    const raw = method.computeMap(layer);
    return { raw, parts: [raw], gradients: [layer.gradients] };
  }
  const gradients = run.inputGradients(method.policy, seed);
  const input = batchItem(values, 0);
  const map = method.computeMap({ input, inputGradients: gradients, layer });
  const raw = toRgbOrder(map, channelOrder);
  return { raw, parts: [raw], gradients: [gradients] };
}
