import * as tf from '@tensorflow/tfjs-core';
import { GradcamError, isGradcamError } from '../../base/errors.ts';
import { closeShape, findInputLayouts, type StatedSizes } from '../../network/input-layout.ts';
import { checkShape } from '../../network/network-limits.ts';
import { executeNodes, type GraphModel } from './execute.ts';
import { listDependent, type DefNode, type GraphInput } from '../../readers/graph-def/graph-def.ts';

/** A batch that no axis of a model is likely to have, so that the batch axis is told from others. */
const BATCH = 3;

/** What one run says of a GraphModel, which its file does not. */
export interface ProbedShapes {
  /** Node to shape without the batch axis; nodes whose value is not a batch are left out. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Whether it takes one item at a time: its placeholders, or a reshape within, fix the batch at 1. */
  readonly oneAtATime: boolean;
}

/**
 * The inputs with all sizes known.
 *
 * @param sizes for a picture that leaves its size open.
 * @param notes gets what was assumed.
 * @throws GradcamError `model` for an input whose size is not known, or a batch of a fixed size above 1.
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
        `input ${name} takes batches of exactly ${batch}; one, or any number, is known here`,
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
 * The shapes of all values, from one run on zeros: a GraphDef does not say them. A model whose batch is
 * fixed at 1 is run with one item.
 *
 * @throws GradcamError `unsupported` for what tfjs does not run.
 */
export async function probeShapes(
  model: GraphModel,
  def: readonly DefNode[],
  inputs: readonly GraphInput[],
): Promise<ProbedShapes> {
  const isFixed = model.inputs.some(({ shape }) => shape?.[0] === 1);
  if (!isFixed) {
    try {
      return { shapes: await probe(model, def, inputs, BATCH), oneAtATime: false };
    } catch (error) {
      if (!isGradcamError(error, 'unsupported')) throw error;
    }
  }
  return { shapes: await probe(model, def, inputs, 1), oneAtATime: true };
}

async function probe(
  model: GraphModel,
  def: readonly DefNode[],
  inputs: readonly GraphInput[],
  count: number,
): Promise<Map<string, readonly number[]>> {
  const asked = listDependent(
    def,
    inputs.map(({ name }) => name),
  );
  for (const { name } of inputs) asked.delete(name);
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
