import type { loadGraphModelSync } from '@tensorflow/tfjs-converter';
import type * as tf from '@tensorflow/tfjs-core';
import { GradcamError } from '../../base/errors.ts';

/** A GraphModel that was loaded from memory. */
export type GraphModel = ReturnType<typeof loadGraphModelSync>;

/**
 * Computes the values of nodes, in the order of `names`. The caller owns the tensors.
 *
 * A graph with control flow has to run asynchronously; tfjs says so when it is run synchronously first.
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
    const reason = describeReason((cause as Error).message);
    throw new GradcamError('unsupported', `tfjs does not run the GraphModel: ${reason}`, { cause });
  }
}

/** The most characters of what tfjs says. It lists every node of a loop. */
const MOST_CHARACTERS = 300;

function describeReason(message: string): string {
  const [reason = ''] = message.split('\n');
  const inLoop = /^Cannot compute the outputs \[([^,\]]+)/.exec(reason)?.[1];
  if (inLoop !== undefined) {
    return `node ${inLoop} is part of a loop, as detectors have around their network; export the model up to its raw boxes and scores, without the loops before and behind`;
  }
  return reason.length > MOST_CHARACTERS ? `${reason.slice(0, MOST_CHARACTERS)}..` : reason;
}

/** Runs a graph synchronously; null where tfjs asks for an asynchronous run. */
function executeOnce(execute: () => tf.Tensor | tf.Tensor[]): tf.Tensor | tf.Tensor[] | null {
  try {
    return execute();
  } catch (cause) {
    if (/executeAsync/.test((cause as Error).message)) return null;
    throw cause;
  }
}
