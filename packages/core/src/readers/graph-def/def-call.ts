import { onlyNumber, type Constant } from '../graph/constant.ts';
import type { FoldBudget } from '../graph/fold/budget.ts';
import type { GraphBuilder } from '../graph/graph-builder.ts';
import { contradictory, unsupported } from '../graph/node-error.ts';
import { writeErf } from '../graph/gelu.ts';
import type { NodeValue, Value } from '../graph/value.ts';
import { createAttributes } from '../onnx-file/attributes.ts';
import type { OnnxCall, Translate } from '../onnx-file/onnx-call.ts';
import type { DefAttributes } from './def-attributes.ts';

export { axisOf, contradictory, unsupported } from '../graph/node-error.ts';

/** One node of a GraphDef, and everything that its translation needs. */
export interface DefCall {
  readonly name: string;
  /** How errors name it: `node net/conv1 (Conv2D)`. */
  readonly title: string;
  readonly op: string;
  readonly inputs: readonly Value[];
  /** The steps that a fused op does after its own, for example `BiasAdd` and `Relu`. */
  readonly fused: readonly string[];
  readonly attributes: DefAttributes;
  readonly builder: GraphBuilder;
  readonly budget: FoldBudget;
}

/** Translates one node, and returns a value for each of its outputs. */
export type TranslateDef = (call: DefCall) => readonly Value[];

/**
 * The computed value that is the input at an index.
 *
 * @throws GradcamError `model` where the node has no such input; `unsupported` where it is a constant.
 */
export function valueAt(call: DefCall, index: number): NodeValue {
  const found = call.inputs[index];
  if (found?.kind === 'node') return found;
  if (found?.kind === 'condition') return found.value;
  if (found?.kind === 'erf') return writeErf(call.builder, found);
  if (found?.kind === 'failure') throw found.error;
  if (found === undefined) throw contradictory(call, `it has no input ${index}`);
  throw unsupported(
    call,
    `its input ${index} is a constant, which is not supported; expected a computed value`,
  );
}

/**
 * The constant that is the input at an index.
 *
 * @param role what the constant is for, in errors.
 * @throws GradcamError `model` where the node has no such input; `unsupported` where it is computed from the
 *   picture.
 */
export function constantAt(call: DefCall, index: number, role: string): Constant {
  const found = call.inputs[index];
  if (found?.kind === 'constant') return found;
  if (found === undefined) throw contradictory(call, `it has no ${role} (input ${index})`);
  if (found.kind === 'failure') throw found.error;
  throw unsupported(call, `its ${role} is computed from the picture; expected a constant`);
}

/** The integers of a constant input: a shape, sizes or axes. */
export function integersAt(call: DefCall, index: number, role: string): readonly number[] {
  const values = Array.from(constantAt(call, index, role).values());
  if (values.every(Number.isSafeInteger)) return values;
  throw contradictory(
    call,
    `its ${role} [${values.slice(0, 8).join(', ')}] has values that are not integers`,
  );
}

/** The number of a constant input that has exactly one. */
export function numberAt(call: DefCall, index: number, role: string): number {
  const only = onlyNumber(constantAt(call, index, role));
  if (only !== null) return only;
  throw contradictory(call, `its ${role} is not a single number`);
}

/**
 * Translates a node with the translation of an ONNX operator that computes the same.
 *
 * @param stated the attributes of that operator, which are integers or texts.
 */
export function asInOnnx(
  translate: Translate,
  call: DefCall,
  inputs: readonly Value[] = call.inputs,
  stated: Readonly<Record<string, number | string>> = {},
): readonly Value[] {
  const attributes = new Map(
    Object.entries(stated).map(([name, value]) => [
      name,
      typeof value === 'number' ? { name, integer: value } : { name, text: value },
    ]),
  );
  const same: OnnxCall = {
    title: call.title,
    type: call.op,
    name: call.name,
    opset: 17,
    inputs,
    outputs: [call.name],
    attributes: createAttributes(attributes, call.title),
    builder: call.builder,
    budget: call.budget,
  };
  return translate(same);
}
