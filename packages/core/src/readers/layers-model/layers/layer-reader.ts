import type { ReadArguments } from '../call-arguments.ts';
import type { LayerAttributes } from '../layer-attributes.ts';
import type { ModelWriter } from '../model-writer.ts';
import type { Op } from '../../../network/op.ts';

/** The name and shape of a node, which serves as the input of the next node. */
export interface Value {
  readonly node: string;
  readonly shape: readonly number[];
  /** The node with the mask over the time steps, [batch, time]: 1 where a step counts. */
  readonly mask?: string;
  /** True for an image whose channels are first in the model and last here: see `turnChannels`. */
  readonly isTurned?: true;
}

/** One call of a layer, with everything that its reader may use. */
export interface LayerCall extends Pick<ReadArguments, 'argument' | 'refuseCall'> {
  /** The layer's name with the names of the models around it, as nodes and errors use it. */
  readonly name: string;
  readonly attributes: LayerAttributes;
  /**
   * The attributes as they are in the JSON, for readers that need a distinction {@link attributes} does not
   * make.
   */
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputs: readonly Value[];
  /** The program that wrote the model, for names that mean different things in different programs. */
  readonly writer: ModelWriter;
  /**
   * Adds a node. It has the layer's own name unless `part` is given. The part with the layer's output must
   * come last and without `part`.
   */
  emit(op: Op, inputs: readonly Value[], shape: readonly number[], options?: EmitOptions): Value;
  /**
   * Returns the name of a weight of this layer, after checking that the manifest lists it with this shape.
   */
  weight(suffix: string, shape: readonly number[]): string;
  /** Whether the manifest lists such a weight for this layer. */
  hasWeight(suffix: string): boolean;
  /** The ends of the names of this layer's weights, after the layer's name, in the manifest's order. */
  weightSuffixes(): readonly string[];
  /** Tells the user what was assumed or changed. */
  note(text: string): void;
}

export interface EmitOptions {
  readonly part?: string;
  /** True if the node is the last step of an activation, which its op alone may not show. */
  readonly isActivation?: true;
  /** True for the ReLU of the layer `ReLU`. */
  readonly isReluLayer?: true;
  readonly weights?: Readonly<Record<string, string>>;
}

/** Translates a layer of one class into nodes and returns its output, or its outputs where it has several. */
export type LayerReader = (call: LayerCall) => Value | readonly Value[];

/** The only input of a layer that takes one input. */
export function onlyInput(call: LayerCall): Value {
  const [input] = call.inputs;
  if (input === undefined || call.inputs.length !== 1) {
    call.attributes.refuse('inbound_nodes', `one input, not ${call.inputs.length}`);
  }
  return input!;
}

/** The only input of a layer that works on images, with its height, width and channels. */
export function imageInput(call: LayerCall): {
  input: Value;
  height: number;
  width: number;
  channels: number;
} {
  const input = onlyInput(call);
  const [height, width, channels] = input.shape;
  if (input.shape.length !== 3 || !height || !width || !channels) {
    return call.attributes.refuse(
      'inbound_nodes',
      `an image [height, width, channels] of known size as input, not [${input.shape.join(', ')}]`,
    );
  }
  return { input, height, width, channels };
}
