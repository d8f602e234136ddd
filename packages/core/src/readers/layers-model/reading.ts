import { dropUndefined } from '../../base/drop-undefined.ts';
import { GradcamError } from '../../base/errors.ts';
import type { InputLayout, StatedSizes } from '../../network/input-layout.ts';
import { checkShape, type SizeCounter } from '../../network/network-limits.ts';
import type { GraphNode } from '../../network/network.ts';
import type { Op } from '../../network/op.ts';
import type { LayerRecord, ModelRecord } from './keras-topology.ts';
import type { LayerLibrary } from './layer-library.ts';
import type { EmitOptions, Value } from './layers/layer-reader.ts';
import type { ModelWriter } from './model-writer.ts';
import type { WeightClaims } from './weight-claims.ts';

/** What `readNetwork` needs in addition to the topology. */
export interface ReadNetworkOptions extends StatedSizes {
  /** The library that computes layers outside the op set; without it such layers are refused. */
  readonly library?: LayerLibrary;
}

/** The state while one network is read. */
export interface Reading {
  readonly nodes: Map<string, GraphNode>;
  readonly layers: Map<string, string>;
  /** Names of the inputs with a size that the model leaves open. */
  readonly openInputs: string[];
  readonly notes: string[];
  readonly weights: WeightClaims;
  readonly inputs: string[];
  readonly count: SizeCounter;
  /** Nested models by their layer, so that each is read only once, however often it is called. */
  readonly nested: Map<LayerRecord, ModelRecord>;
  readonly layouts: ReadonlyMap<string, InputLayout | null>;
  readonly writer: ModelWriter;
  readonly options: ReadNetworkOptions;
}

/** The name of a layer's node, or of one that computes a part of the layer. */
export function nodeName(layer: string, part: string | undefined): string {
  return part === undefined ? layer : `${layer}/${part}`;
}

/** A node to add to the network. */
export interface NewNode {
  readonly name: string;
  readonly op: Op;
  readonly inputs: readonly Value[];
  readonly shape: readonly number[];
  readonly options?: EmitOptions | undefined;
}

/**
 * Adds a node to the network that is being read.
 *
 * @throws GradcamError `model` where the name is taken or the shape is over the limits.
 */
export function emitNode(reading: Reading, { name, op, inputs, shape, options }: NewNode): Value {
  if (reading.nodes.has(name)) {
    throw new GradcamError('model', `two layers of the model are called '${name}'`);
  }
  checkShape(name, shape);
  const weights = options?.weights ?? {};
  const marks = dropUndefined({
    isActivation: options?.isActivation,
    isReluLayer: options?.isReluLayer,
  });
  const sources = inputs.map(({ node }) => node);
  reading.nodes.set(name, { name, op, inputs: sources, shape, weights, ...marks });
  return { node: name, shape };
}

/** The path of a layer without the numbers of its calls. */
export function withoutCalls(path: string): string {
  return path.replace(/:\d+(?=\/|$)/g, '');
}
