import { findNode, listTaps } from '@gradcam/core';
import type { DescribedModel } from '../../models/describe-any.ts';

/** A layer as `gradcam inspect` lists it. */
export interface LayerRow {
  readonly name: string;
  readonly op: string;
  /** Shape of the output, without the batch axis. */
  readonly shape: readonly number[];
  /** Rows and columns of a map at this layer; absent for a layer that has no map. */
  readonly grid?: readonly [rows: number, columns: number];
  readonly parameters: number;
  readonly endpoints: readonly string[];
  readonly recommended: boolean;
}

/** Lists the layers of a model in the order of its network. */
export function listLayers(model: DescribedModel): LayerRow[] {
  const { network, endpoints, defaultLayer } = model;
  const sizes = new Map(
    (model.manifest ?? []).flatMap(({ weights }) =>
      weights.map(({ name, shape }) => [name, shape.reduce((count, size) => count * size, 1)]),
    ),
  );
  // The node of a fused activation has the layer's name, and the node with the weights stands beside it.
  const partsOf = (layer: string, node: string): string[] =>
    network.layers.has(`${layer}/linear`) ? [node] : [node, `${layer}/linear`];
  const countParameters = (layer: string, node: string): number =>
    network.nodes
      .filter(({ name }) => partsOf(layer, node).includes(name))
      .flatMap(({ weights }) => Object.values(weights))
      .reduce((sum, weight) => sum + (sizes.get(weight) ?? 0), 0);

  const recommended = endpoints[defaultLayer] ?? defaultLayer;
  const aliases = new Map<string, string[]>();
  for (const [endpoint, layer] of Object.entries(endpoints)) {
    aliases.set(layer, [...(aliases.get(layer) ?? []), endpoint]);
  }
  const grids = new Map(
    listTaps(network).map(({ layer, shape: [rows = 1, columns = 1] }) => [
      layer,
      [rows, columns] as const,
    ]),
  );
  return [...network.layers].map(([name, node]) => {
    const { op, shape } = findNode(network, node);
    return {
      name,
      op: op.kind === 'opaque' ? op.className : op.kind,
      shape,
      ...(grids.has(name) ? { grid: grids.get(name)! } : {}),
      parameters: countParameters(name, node),
      endpoints: aliases.get(name) ?? [],
      recommended: name === recommended && grids.has(name),
    };
  });
}
