import { batchItem, type NdArray } from '../../base/nd-array.ts';
import type { Session } from '../../engines/port/engine.ts';
import type { Seed } from '../../engines/port/seed.ts';
import type { BatchedRunOptions } from '../passes/batched-runs.ts';
import { joinInputs, scoreLogits, settleSeeds, type OtherInputs } from '../passes/forward-pass.ts';
import { mainHead } from '../../network/network.ts';

/** What the methods that average gradients over many inputs share. */
export interface AveragedGradientOptions extends BatchedRunOptions {
  /** What is explained: a result each, all from the same forward runs. */
  readonly seeds: readonly Seed[];
  /** Values [1, ..] of the model's other inputs. */
  readonly others?: OtherInputs;
}

/** Seeds settled on one input, with their scores there. */
export interface SettledScores {
  readonly seeds: readonly Seed[];
  readonly scores: Float64Array;
  /** Of the layers that were asked for, without the batch axis. */
  readonly outputs: ReadonlyMap<string, NdArray>;
}

/** Scores of one input; the seeds' ranks become the classes that hold them there. */
export async function settleOnInput(
  session: Session,
  input: NdArray,
  { seeds, others, signal }: AveragedGradientOptions,
  outputs: readonly string[] = [],
): Promise<SettledScores> {
  signal?.throwIfAborted();
  const result = await session.run({ inputs: joinInputs(session, input, others), outputs });
  signal?.throwIfAborted();
  const head = mainHead(session.network);
  const settled = settleSeeds(seeds, batchItem(result.logits, 0).data, head);
  return {
    seeds: settled,
    scores: Float64Array.from(scoreLogits(result.logits, settled, head).data),
    outputs: new Map(outputs.map((name) => [name, batchItem(result.outputs.get(name)!, 0)])),
  };
}

/**
 * Gradients of each seed's score at one node, for a batch of inputs.
 *
 * @returns for each seed [batch, ..].
 */
export async function gradientsAt(
  session: Session,
  inputs: NdArray,
  node: string,
  seeds: readonly Seed[],
  others?: OtherInputs,
): Promise<NdArray[]> {
  const { gradients } = await session.run({
    inputs: joinInputs(session, inputs, others),
    outputs: [],
    gradient: { seeds, wrt: [node], relu: 'plain' },
  });
  return gradients.map((found) => found.get(node)!);
}
