import * as tf from '@tensorflow/tfjs-core';
import { GradcamError, isGradcamError } from '../../base/errors.ts';
import { closeShape, findInputLayouts, type StatedSizes } from '../../network/input-layout.ts';
import { checkShape } from '../../network/network-limits.ts';
import { executeNodes, type GraphModel } from './execute.ts';
import {
  listDependent,
  type DefNode,
  type GraphInput,
  type WholeDefNode,
} from '../../readers/graph-def/graph-def.ts';
import { findLoops } from '../../readers/graph-def/loops.ts';

/** A batch size that no other axis of a model is likely to have, so that the batch axis can be recognised. */
const BATCH = 3;

/** Facts about a GraphModel that its file does not state. One pass of the model shows them. */
export interface ProbedShapes {
  /** Shapes without the batch axis, by node. Nodes whose value has no batch axis are left out. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Whether the model takes one item at a time, because a placeholder or a reshape fixes its batch at 1. */
  readonly oneAtATime: boolean;
}

/**
 * The model's inputs, with every size known.
 *
 * @param sizes the sizes for a picture input whose size the model leaves open.
 * @param notes receives a line for each assumption.
 * @throws GradcamError `model` for an input whose size is not known, `unsupported` for a batch that is fixed
 *   at a size above 1.
 */
export function readGraphInputs(
  model: GraphModel,
  sizes: StatedSizes,
  notes: string[],
): readonly GraphInput[] {
  const open = model.inputs.map(({ shape }) =>
    (shape ?? []).slice(1).map((size) => (size > 0 ? size : null)),
  );
  const layouts = findInputLayouts(open);
  return model.inputs.map(({ name, shape, dtype }, i) => {
    const batch = shape?.[0] ?? -1;
    if (batch > 1) {
      throw new GradcamError(
        'unsupported',
        `input ${name} takes batches of exactly ${batch}; expected batches of 1 or of any size: convert the model with a batch of 1 or an open one (in Keras an Input without batch_size)`,
      );
    }
    const layout = layouts[i]!;
    const closed = closeShape(name, open[i]!, layout, sizes);
    if (closed.note !== null) notes.push(closed.note);
    checkShape(name, closed.shape);
    return { name, shape: closed.shape, layout, dtype: dtype === 'int32' ? 'int32' : 'float32' };
  });
}

/**
 * Finds the shapes of all values by one pass on zeros, because a GraphDef does not state them. A model whose
 * batch is fixed at 1 is given one item.
 *
 * @throws GradcamError `unsupported` for what tfjs does not run.
 */
export async function probeShapes(
  model: GraphModel,
  def: readonly WholeDefNode[],
  inputs: readonly GraphInput[],
): Promise<ProbedShapes> {
  const inLoops = [...findLoops(def).loopOf.keys()];
  const isFixed = model.inputs.some(({ shape }) => shape?.[0] === 1);
  if (!isFixed) {
    try {
      return { shapes: await probe(model, def, inputs, inLoops, BATCH), oneAtATime: false };
    } catch (error) {
      if (!isGradcamError(error, 'unsupported')) throw error;
    }
  }
  return { shapes: await probe(model, def, inputs, inLoops, 1), oneAtATime: true };
}

async function probe(
  model: GraphModel,
  def: readonly DefNode[],
  inputs: readonly GraphInput[],
  inLoops: Iterable<string>,
  count: number,
): Promise<Map<string, readonly number[]>> {
  const asked = listDependent(
    def,
    inputs.map(({ name }) => name),
  );
  for (const { name } of inputs) asked.delete(name);
  // tfjs does not return values inside loops; those that leave them have other nodes.
  for (const name of inLoops) asked.delete(name);
  const names = [...asked];
  const feeds: tf.NamedTensorMap = {};
  let values: tf.Tensor[] = [];
  try {
    for (const { name, shape, dtype } of inputs) feeds[name] = tf.zeros([count, ...shape], dtype);
    values = await executeNodes(model, feeds, names);
    const shapes = new Map<string, readonly number[]>();
    for (const { name, shape } of inputs) shapes.set(name, shape);
    names.forEach((name, i) => {
      const [batch, ...shape] = values[i]?.shape ?? [];
      if (batch === count) shapes.set(name, shape);
    });
    return shapes;
  } finally {
    tf.dispose([feeds, values]);
  }
}
