import { GradcamError } from '../base/errors.ts';
import type { ModelDescription } from '../model/description.ts';
import { resolveLayer } from '../model/model.ts';

/** The layer of one map, or the layers that are fused into it, and the nodes that hold their values. */
export interface LayerChoice {
  /** The names that the user gave, with `+` between; for `auto` the chosen layer. */
  readonly layer: string;
  /** One node for each layer. */
  readonly nodes: readonly [string, ...string[]];
}

/**
 * Resolves one layer as `resolveLayer` does, or several with `+` between (`block3+block4`), whose maps are
 * fused into one. A layer whose own name contains a `+` is found by that name.
 *
 * @throws GradcamError `not-found` with similar names; `argument` for a layer that is not spatial, or that is
 *   named twice.
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
