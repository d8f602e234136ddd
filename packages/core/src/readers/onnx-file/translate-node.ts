import { GradcamError, isGradcamError } from '../../base/errors.ts';
import { nearestNames } from '../../base/nearest-names.ts';
import type { Value } from '../graph/value.ts';
import { createAttributes } from './attributes.ts';
import { copyNode } from './copy-node.ts';
import { foldOnnxNode } from './fold/fold-onnx-node.ts';
import { createItemCounter } from './onnx-limits.ts';
import type { OnnxCall } from './onnx-call.ts';
import type { OnnxTranslation } from './onnx-translation.ts';
import type { OnnxFileNode } from './proto/onnx-schema.ts';
import { parseGraph } from './proto/parse-model.ts';
import { integerAdvice } from './ops/quantisation.ts';
import { readConstant, readTensor } from './read-constant.ts';
import { trainingOps, translators } from './translators.ts';

/**
 * Gives each output of a node a value. An output that is not supported becomes a failure that carries the
 * reason, because it matters only where an output of the model needs it.
 *
 * @param title how errors name the node.
 * @throws GradcamError `model` for a node that takes a value which no earlier node gives, or that gives a
 *   value a second time.
 */
export function translateNode(
  node: OnnxFileNode,
  title: string,
  translation: OnnxTranslation,
): void {
  const { values, where } = translation;
  const inputs = node.inputs.map((name) => {
    if (name === '') return null;
    const found = values.get(name);
    if (found !== undefined) return found;
    throw new GradcamError(
      'model',
      `${where}: ${title} takes the value '${name}', which no node before it gives; the nodes are out of order, or in a circle`,
    );
  });
  const made = attemptNode(node, title, inputs, translation);
  node.outputs.forEach((name, i) => {
    if (name === '') return;
    if (values.has(name)) {
      throw new GradcamError(
        'model',
        `${where}: ${title} gives the value '${name}', which an earlier node gives already`,
      );
    }
    values.set(
      name,
      made[i] ?? {
        kind: 'failure',
        error: new GradcamError(
          'unsupported',
          `${where}: ${title}: its output ${i} is not supported`,
        ),
      },
    );
  });
}

function attemptNode(
  node: OnnxFileNode,
  title: string,
  inputs: readonly (Value | null)[],
  translation: OnnxTranslation,
): readonly Value[] {
  const what = `${translation.where}: ${title}`;
  try {
    const failed = inputs.find((input) => input?.kind === 'failure');
    if (failed?.kind === 'failure') throw failed.error;
    return translateOrCopy(node, what, inputs, translation);
  } catch (error) {
    if (!isGradcamError(error, 'unsupported')) throw error;
    return node.outputs.map(() => ({ kind: 'failure', error }));
  }
}

/** Translates a node, or copies it where it is not supported. */
function translateOrCopy(
  node: OnnxFileNode,
  what: string,
  inputs: readonly (Value | null)[],
  translation: OnnxTranslation,
): readonly Value[] {
  const { copying } = translation;
  if (copying?.facts.chosen.has(copying.place) || takesIntegers(node, inputs)) {
    return copyNode(node, what, inputs, translation, computesIntegers(node, what));
  }
  try {
    return translateCall(node, what, inputs, translation);
  } catch (error) {
    if (!isGradcamError(error, 'unsupported')) throw error;
    return copyNode(node, what, inputs, translation, error);
  }
}

/** Operators that treat integers as all other values. */
const ofAnyNumber: ReadonlySet<string> = new Set(['Cast', 'Identity', 'Shape', 'Size']);

/** Whether a node computes with integers. What the network computes is in real numbers. */
function takesIntegers({ type, domain }: OnnxFileNode, inputs: readonly (Value | null)[]): boolean {
  if (domain === '' && ofAnyNumber.has(type)) return false;
  return inputs.some((input) => input?.kind === 'node' && input.element === 'integer');
}

/** Operators of quantised models, those of ONNX Runtime's own domain included. */
const ofQuantised =
  /^(QLinear|QGemm|QAttention|DynamicQuantize|(De)?[Qq]uantizeLinear|(MatMul|Conv)Integer)/;

function computesIntegers({ type }: OnnxFileNode, what: string): GradcamError {
  return new GradcamError(
    'unsupported',
    `${what}: ${ofQuantised.test(type) ? integerAdvice(type) : `${type} computes with integers, which have no gradient`}`,
  );
}

function translateCall(
  node: OnnxFileNode,
  what: string,
  inputs: readonly (Value | null)[],
  translation: OnnxTranslation,
): readonly Value[] {
  const { opset, builder, budget, external, copying } = translation;
  const isStandard = node.domain === '';
  if (isStandard && node.type === 'Constant') {
    const [attribute] = node.attributes.values();
    if (attribute?.tensor !== undefined)
      copying?.tensors.set(node.outputs[0] ?? '', attribute.tensor);
    return [readConstant(node, what, external)];
  }
  if (isStandard && node.type === 'If') return foldBranch(node, what, inputs, translation);
  if (trainingOps.has(node.type)) {
    throw new GradcamError(
      'unsupported',
      `${what}: it draws random numbers: the model was exported while it was trained; export it after model.eval()`,
    );
  }
  const attributes = createAttributes(node.attributes, what);
  const call: OnnxCall = {
    ...{ title: what, type: node.type, opset, inputs, outputs: node.outputs },
    ...{ name: node.outputs[0] ?? '', attributes, builder, budget },
  };
  const isConstant = inputs.every((input) => input === null || input.kind === 'constant');
  const folded = isConstant && isStandard ? foldOnnxNode(call) : null;
  const translate = isStandard ? translators.get(node.type) : undefined;
  if (folded === null && translate === undefined) throw unknownOp(node, what);
  const made = folded ?? translate!(call);
  attributes.finish();
  return made;
}

function unknownOp(node: OnnxFileNode, what: string): GradcamError {
  const { type, domain } = node;
  if (ofQuantised.test(type)) return computesIntegers(node, what);
  const near = nearestNames(type, [...translators.keys()], 1)[0];
  const of = domain === '' ? '' : ` of ${domain}`;
  return new GradcamError(
    'unsupported',
    `${what}: the operator ${type}${of} is not supported${near === undefined ? '' : ` (nearest supported: ${near})`}; without it the layers behind cannot be computed`,
  );
}

/**
 * Translates the branch that an `If` takes, where its condition is a constant. The nodes of that branch are
 * then part of the graph around it.
 *
 * @throws GradcamError `unsupported` where the condition is computed from the picture.
 */
function foldBranch(
  node: OnnxFileNode,
  what: string,
  [condition]: readonly (Value | null)[],
  translation: OnnxTranslation,
): readonly Value[] {
  if (condition?.kind !== 'constant') {
    throw new GradcamError(
      'unsupported',
      `${what}: which branch it takes depends on the picture, which is not supported; export the model without branches`,
    );
  }
  const name = condition.values()[0] === 0 ? 'else_branch' : 'then_branch';
  const bytes = node.attributes.get(name)?.graph;
  if (bytes === undefined) throw new GradcamError('model', `${what}: it has no ${name}`);
  const branch = parseGraph(bytes, what, createItemCounter(what));
  const { values } = translation;
  const within = { ...translation, copying: null };
  for (const tensor of branch.initializers) {
    values.set(tensor.name, readTensor(tensor, translation));
  }
  for (const inner of branch.nodes) {
    translateNode(inner, `node ${inner.name || inner.type} (${inner.type})`, within);
  }
  return branch.outputs.map((output) => {
    const value = values.get(output.name);
    if (value !== undefined) return value;
    throw new GradcamError('model', `${what}: its branch does not give '${output.name}'`);
  });
}
