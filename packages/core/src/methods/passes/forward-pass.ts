import { batchItem, type NdArray } from '../../base/nd-array.ts';
import type { RunResult, Session } from '../../engines/port/engine.ts';
import type { ScoreRule } from '../../engines/port/probabilities.ts';
import { fixRank, resolveSeed, scoreSeed, type Seed } from '../../engines/port/seed.ts';
import { mainHead } from '../../network/network.ts';
import { cellsAt } from './layer-cells.ts';

/**
 * A model as a function from inputs [batch, height, width, channels] to scores [batch, scores]. Black-box
 * methods need nothing else.
 */
export type Predict = (inputs: NdArray) => Promise<NdArray>;

/** A model as the methods without gradients see it, whichever runtime computes it. */
export interface ForwardPass {
  /** How probabilities follow from the logits. */
  readonly rule: ScoreRule;
  /**
   * Computes the logits [batch, classes] and the values of the named layers, on their grids, for a batch
   * of inputs. The caller may overwrite the inputs once the pass is over.
   */
  readonly run: (
    inputs: NdArray,
    outputs: readonly string[],
  ) => Promise<Pick<RunResult, 'logits' | 'outputs'>>;
}

/**
 * A session as a {@link ForwardPass}.
 *
 * @param session of a model with one input; `viewSession` gives one for a model with several.
 */
export function forwardPassOf(session: Session): ForwardPass {
  return {
    rule: mainHead(session.network),
    async run(inputs, outputs) {
      const result = await session.run({ inputs: imageInput(session, inputs), outputs });
      const cells = [...result.outputs].map(
        ([name, value]) => [name, cellsAt(session.network, name, value)] as const,
      );
      return { logits: result.logits, outputs: new Map(cells) };
    },
  };
}

/** The inputs of a run whose only open input takes the image. */
export function imageInput(
  { network }: Pick<Session, 'network'>,
  values: NdArray,
): Record<string, NdArray> {
  return { [network.inputs[0]!]: values };
}

/**
 * The seeds with every rank replaced by the class that has this rank in `logits`. A changed input may
 * put another class first, but a map is about one class.
 */
export function resolveRanks(
  seeds: readonly Seed[],
  logits: ArrayLike<number>,
  rule: ScoreRule,
): Seed[] {
  return seeds.map((seed) =>
    'rank' in seed.of ? { ...seed, of: fixRank(seed.of, resolveSeed(seed, logits, rule)) } : seed,
  );
}

/** The scores of all seeds for each item of a batch of logits: [batch, seeds]. */
export function scoreLogits(logits: NdArray, seeds: readonly Seed[], rule: ScoreRule): NdArray {
  const count = logits.shape[0] ?? 0;
  const data = new Float32Array(count * seeds.length);
  for (let i = 0; i < count; i++) {
    const { data: item } = batchItem(logits, i);
    seeds.forEach((seed, seedIndex) => {
      data[i * seeds.length + seedIndex] = scoreSeed(seed, item, rule);
    });
  }
  return { shape: [count, seeds.length], data };
}

/**
 * A model as a function of its input: one score for each seed, or all logits where no seeds are given.
 *
 * @param seeds without ranks: see {@link resolveRanks}.
 */
export function createPredict(pass: ForwardPass, seeds?: readonly Seed[]): Predict {
  return async (inputs) => {
    const { logits } = await pass.run(inputs, []);
    return seeds === undefined ? logits : scoreLogits(logits, seeds, pass.rule);
  };
}
