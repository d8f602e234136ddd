import type { loadGraphModelSync } from '@tensorflow/tfjs-converter';
import type * as tf from '@tensorflow/tfjs-core';
import { GradcamError } from '../../base/errors.ts';

/** A GraphModel that was loaded from memory. */
export type GraphModel = ReturnType<typeof loadGraphModelSync>;

/**
 * Values of nodes, in the order of their names; the caller owns them.
 *
 * Graphs with control flow run asynchronously, and say so when they are run otherwise.
 *
 * @throws GradcamError `unsupported` for what tfjs-converter cannot run.
 */
export async function executeNodes(
  model: GraphModel,
  feeds: tf.NamedTensorMap,
  names: readonly string[],
): Promise<tf.Tensor[]> {
  try {
    const found = executeOnce(() => model.execute(feeds, [...names]));
    const values = found ?? (await model.executeAsync(feeds, [...names]));
    return Array.isArray(values) ? values : [values];
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new GradcamError('unsupported', `tfjs does not run the GraphModel: ${reason}`, { cause });
  }
}

function executeOnce(run: () => tf.Tensor | tf.Tensor[]): tf.Tensor | tf.Tensor[] | null {
  try {
    return run();
  } catch (cause) {
    if (/executeAsync/.test((cause as Error).message)) return null;
    throw cause;
  }
}
