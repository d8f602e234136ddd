import type { NdArray } from '../base/nd-array.ts';
import type { ChannelOrder } from '../artifact/artifact.ts';
import { GradcamError } from '../base/errors.ts';
import { toRgbOrder } from '../image/pixel-map.ts';
import type { FindMap } from '../methods/explain-each.ts';
import type { Method, SeedMap } from '../methods/method.ts';
import type { SharedPass } from '../methods/shared-pass.ts';
import { hasMeanAndLinearHead } from '../network/linear-head.ts';
import type { Network } from '../network/network.ts';
import { describeUnreadCells } from '../network/grid/unread-cells.ts';
import { findRecommended, recommendTap } from '../network/taps.ts';
import { fuseMaps } from './fuse-maps.ts';
import type { LayerChoice } from './layer-choice.ts';

/** The results of the model's passes over one image. */
export interface ImageMaps {
  readonly shared: SharedPass;
  readonly channelOrder: ChannelOrder;
  readonly findMap: FindMap;
}

/** A method's raw map of one target, and the arrays that it was computed from. */
export interface ComputedMap extends Omit<SeedMap, 'map'> {
  readonly raw: NdArray;
  /** The map of each layer, before the maps were fused. */
  readonly parts: readonly NdArray[];
  readonly gradients: readonly NdArray[];
}

/**
 * Checks that a method can be used at the chosen layers.
 *
 * @throws GradcamError `not-found` for a method at a layer, if the model has no layer with a spatial output;
 *   `argument` for a method that reads gradients, at tokens of the picture that the scores do not read;
 *   `unsupported` for a method that needs other layers behind the chosen one than the model has, and for a
 *   method whose maps of several layers cannot be fused.
 */
export function checkLayers(
  method: Method,
  choices: readonly LayerChoice[],
  network: Network,
): void {
  const isInput = choices.some(({ nodes }) => nodes.some((node) => network.inputs.includes(node)));
  // For a model without a spatial layer `auto` means its input; recommendTap throws and says what to do.
  if (method.usesLayer && isInput && findRecommended(network) === null) recommendTap(network);
  for (const { layer, nodes } of method.usesLayer && !method.gradientFree ? choices : []) {
    const unread = nodes
      .map((node) => describeUnreadCells(network, layer, node))
      .find((reason) => reason !== null);
    if (unread === undefined) continue;
    const recommended = findRecommended(network)?.layer;
    const advice = recommended === undefined ? 'a layer before it' : `'${recommended}'`;
    throw new GradcamError(
      'argument',
      `${method.name}: ${unread}; use ${advice}, or eigen-cam, which reads no gradient`,
    );
  }
  const fused = choices.find(({ nodes }) => nodes.length > 1);
  if (fused !== undefined && method.map === 'pixels' && method.usesLayer) {
    throw new GradcamError(
      'unsupported',
      `${method.name} takes one layer at a time, not ${fused.layer}`,
    );
  }
  if (method.presumes === undefined) return;
  const wrong = choices.find(({ nodes }) =>
    nodes.some((node) => !hasMeanAndLinearHead(network, node)),
  );
  if (wrong === undefined) return;
  throw new GradcamError(
    'unsupported',
    `${method.name} needs a layer that is followed by the mean over its grid and one linear layer, which '${wrong.layer}' is not; use grad-cam, which works at every layer`,
  );
}

/** The map of one seed by one method at the chosen layer; the maps of several layers are fused into one. */
export function computeMap(
  method: Method,
  { nodes }: LayerChoice,
  seedIndex: number,
  maps: ImageMaps,
): ComputedMap {
  if (!method.usesLayer) return computeAt(method, nodes[0], seedIndex, maps);
  const found = nodes.map((node) => computeAt(method, node, seedIndex, maps));
  if (found.length === 1) return found[0]!;
  const parts = found.map(({ raw }) => raw);
  return { raw: fuseMaps(parts), parts, gradients: found.flatMap(({ gradients }) => gradients) };
}

function computeAt(
  method: Method,
  node: string,
  seedIndex: number,
  { shared, channelOrder, findMap }: ImageMaps,
): ComputedMap {
  const { map, ...facts } = findMap(seedIndex, method, node);
  const raw = method.map === 'pixels' ? toRgbOrder(map, channelOrder) : map;
  const gradients =
    method.inputPolicy === undefined
      ? shared.layer(node, seedIndex).gradients
      : shared.inputGradients(method.inputPolicy, seedIndex);
  return { ...facts, raw, parts: [raw], gradients: [gradients] };
}
