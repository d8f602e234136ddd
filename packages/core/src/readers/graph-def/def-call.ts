import { onlyNumber, type Constant } from '../graph/constant.ts';
import type { FoldBudget } from '../graph/fold/budget.ts';
import type { GraphBuilder } from '../graph/graph-builder.ts';
import { contradictory, unsupported } from '../graph/node-error.ts';
import type { NodeValue, Value } from '../graph/value.ts';
import { createAttributes } from '../onnx-file/attributes.ts';
import type { OnnxCall, Translate } from '../onnx-file/onnx-call.ts';
import type { DefAttributes } from './def-attributes.ts';

export { axisOf, contradictory, unsupported } from '../graph/node-error.ts';

/** One node of a GraphDef, with all that its translation needs. */
export interface DefCall {
  readonly name: string;
  /** As errors name it: `node net/conv1 (Conv2D)`. */
  readonly title: string;
  readonly op: string;
  readonly inputs: readonly Value[];
  /** What a fused op does after its own. */
  readonly fused: readonly string[];
  readonly attributes: DefAttributes;
  readonly builder: GraphBuilder;
  readonly budget: FoldBudget;
}

/** Translates one node: a value for each of its outputs. */
export type TranslateDef = (call: DefCall) => readonly Value[];

/**
 * The value that goes in at a place.
 *
 * @throws GradcamError `model` where nothing goes in; `unsupported` where it is a constant.
 */
export function valueAt(call: DefCall, index: number): NodeValue {
  const found = call.inputs[index];
  if (found?.kind === 'node') return found;
  if (found?.kind === 'failure' || found?.kind === 'condition') throw found.error;
  if (found === undefined) throw contradictory(call, `it has no input ${index}`);
  throw unsupported(
    call,
    found.kind === 'constant'
      ? `its input ${index} is a constant, where a computed value is known here`
      : 'erf is known here as part of GELU alone',
  );
}

/**
 * The constant that goes in at a place.
 *
 * @throws GradcamError `model` where nothing goes in; `unsupported` where it is computed from the picture.
 */
export function constantAt(call: DefCall, index: number, role: string): Constant {
  const found = call.inputs[index];
  if (found?.kind === 'constant') return found;
  if (found === undefined) throw contradictory(call, `it has no ${role} (input ${index})`);
  if (found.kind === 'failure') throw found.error;
  throw unsupported(call, `its ${role} is computed from the picture; expected a constant`);
}

/** Integers of a constant: a shape, sizes, axes. */
export function integersAt(call: DefCall, index: number, role: string): readonly number[] {
  const values = Array.from(constantAt(call, index, role).values());
  if (values.every(Number.isSafeInteger)) return values;
  throw contradictory(call, `its ${role} [${values.slice(0, 8).join(', ')}] holds no integers`);
}

/** The one number of a constant. */
export function numberAt(call: DefCall, index: number, role: string): number {
  const only = onlyNumber(constantAt(call, index, role));
  if (only !== null) return only;
  throw contradictory(call, `its ${role} is not one number`);
}

/** What is the same in ONNX is translated as there. */
export function asInOnnx(
  translate: Translate,
  call: DefCall,
  inputs: readonly Value[] = call.inputs,
  integers: Readonly<Record<string, number>> = {},
): readonly Value[] {
  const attributes = new Map(
    Object.entries(integers).map(([name, integer]) => [name, { name, integer }]),
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
