import { GradcamError } from '../base/errors.ts';
import type { ModelDescription } from '../model/description.ts';
import { resolveLayer } from '../model/model.ts';

/** Layers that one map is of, as the user calls them, and the nodes that hold their values. */
export interface LayerChoice {
  /** The names with `+` between; for `auto` the layer that was chosen. */
  readonly layer: string;
  /** Several for a map that is fused. */
  readonly nodes: readonly [string, ...string[]];
}

/**
 * Resolves one layer as `resolveLayer` does, or several with `+` between, whose maps are fused into
 * one: `block3+block4`. A layer whose own name has a `+` in it is found by that name.
 *
 * @throws GradcamError `not-found` with near names; `argument` for a layer that is not spatial, or
 *   that is named twice.
 */
export function resolveLayers(
  model: Pick<ModelDescription, 'network' | 'endpoints' | 'defaultLayer'>,
  name: string,
): LayerChoice {
  const isOne =
    !name.includes('+') || Object.hasOwn(model.endpoints, name) || model.network.layers.has(name);
  const parts = isOne ? [name] : name.split('+').map((part) => part.trim());
  const found = parts.map((part) => resolveLayer(model, part));
  const nodes = found.map(({ node }) => node);
  const twice = nodes.findIndex((node, i) => nodes.indexOf(node) < i);
  if (twice >= 0) {
    throw new GradcamError('argument', `layer '${name}': ${parts[twice]} is in it twice`);
  }
  return {
    layer: found.map(({ layer }) => layer).join('+'),
    nodes: nodes as [string, ...string[]],
  };
}
