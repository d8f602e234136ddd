import * as tf from '@tensorflow/tfjs-core';
import { GradcamError } from '../errors.ts';
import { checkShape } from '../network/network-limits.ts';
import { executeNodes, type GraphModel } from './execute.ts';
import { listDependent, type DefNode } from './graph-def.ts';

/** A batch that no axis of a model is likely to have, so that the batch axis is told from others. */
const BATCH = 3;

/**
 * The shapes of all values, from one run on zeros: a GraphDef does not say them.
 *
 * @param inputShape [height, width, channels] for an input that leaves its size open.
 * @returns node to shape without the batch axis; nodes whose value is not a batch are left out.
 * @throws GradcamError `model` for an input whose size is not known.
 */
export async function probeShapes(
  model: GraphModel,
  def: readonly DefNode[],
  inputShape: readonly number[] | undefined,
): Promise<Map<string, readonly number[]>> {
  const inputs = model.inputs.map(({ name, shape, dtype }) => {
    const sizes = (shape ?? [])
      .slice(1)
      .map((size, axis) => (size > 0 ? size : inputShape?.[axis]));
    if (sizes.length === 0 || !sizes.every((size) => size !== undefined)) {
      throw new GradcamError(
        'model',
        `input ${name} has shape [${(shape ?? []).join(', ')}]: state the input size that the model leaves open`,
      );
    }
    checkShape(name, sizes as number[]);
    return {
      name,
      shape: sizes as number[],
      dtype: dtype === 'int32' ? 'int32' : 'float32',
    } as const;
  });
  const asked = listDependent(
    def,
    inputs.map(({ name }) => name),
  );
  for (const { name } of inputs) asked.delete(name);
  const names = [...asked];
  const feeds: tf.NamedTensorMap = {};
  let values: tf.Tensor[] = [];
  try {
    for (const { name, shape, dtype } of inputs) feeds[name] = tf.zeros([BATCH, ...shape], dtype);
    values = await executeNodes(model, feeds, names);
    const shapes = new Map<string, readonly number[]>();
    for (const { name, shape } of inputs) shapes.set(name, shape);
    names.forEach((name, i) => {
      const [batch, ...shape] = values[i]?.shape ?? [];
      if (batch === BATCH) shapes.set(name, shape);
    });
    return shapes;
  } finally {
    tf.dispose([feeds, values]);
  }
}
