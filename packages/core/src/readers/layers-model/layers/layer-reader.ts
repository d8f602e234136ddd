import type { ReadArguments } from '../call-arguments.ts';
import type { LayerAttributes } from '../layer-attributes.ts';
import type { ModelWriter } from '../model-writer.ts';
import type { Op } from '../../../network/op.ts';

/** A node's name and shape, as the input of the next. */
export interface Value {
  readonly node: string;
  readonly shape: readonly number[];
  /** Node of the mask over its time steps, [batch, time], 1 where a step counts. */
  readonly mask?: string;
}

/** One call of a layer, with all that its reader may use. */
export interface LayerCall extends Pick<ReadArguments, 'argument' | 'refuseCall'> {
  /** The layer's name with the names of the models around it: how errors and nodes name it. */
  readonly name: string;
  readonly attributes: LayerAttributes;
  /** The attributes as they stand in the JSON, for what {@link attributes} cannot tell apart. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputs: readonly Value[];
  /** What wrote the model, where the programs mean different things by one name. */
  readonly writer: ModelWriter;
  /**
   * Adds a node. It takes the layer's own name unless `part` is given: the part that holds the
   * layer's output must come last and without `part`.
   */
  emit(op: Op, inputs: readonly Value[], shape: readonly number[], options?: EmitOptions): Value;
  /** Names a weight of this layer after checking that the manifest has it in that shape. */
  weight(suffix: string, shape: readonly number[]): string;
  /** Whether the manifest has such a weight for this layer. */
  hasWeight(suffix: string): boolean;
  /** What follows the layer's name in the names of its weights, in the manifest's order. */
  weightSuffixes(): readonly string[];
  /** Tells the user what was assumed or changed. */
  note(text: string): void;
}

export interface EmitOptions {
  readonly part?: string;
  /** The node is the last step of an activation, which its op alone may not tell. */
  readonly isActivation?: true;
  readonly weights?: Readonly<Record<string, string>>;
}

/** Translates a layer of one class into nodes and returns its output. */
export type LayerReader = (call: LayerCall) => Value;

/** The only input of a layer that takes one. */
export function onlyInput(call: LayerCall): Value {
  const [input] = call.inputs;
  if (input === undefined || call.inputs.length !== 1) {
    call.attributes.refuse('inbound_nodes', `one input, not ${call.inputs.length}`);
  }
  return input!;
}

/** The only input of a layer that works on images, with its sizes. */
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
