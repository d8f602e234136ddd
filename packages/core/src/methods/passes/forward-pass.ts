import { batchItem, type NdArray } from '../../base/nd-array.ts';
import type { RunResult, Session } from '../../engines/port/engine.ts';
import type { ScoreRule } from '../../engines/port/probabilities.ts';
import { fixRank, resolveSeed, scoreSeed, type Seed } from '../../engines/port/seed.ts';
import { GradcamError } from '../../base/errors.ts';
import { mainHead } from '../../network/network.ts';

/** Scores [batch, scores] of inputs [batch, height, width, channels]: all that black-box methods need. */
export type Predict = (inputs: NdArray) => Promise<NdArray>;

/** A model as the methods without gradients see it, whatever runs it. */
export interface ForwardPass {
  /** How probabilities follow from the logits. */
  readonly rule: ScoreRule;
  /**
   * Logits [batch, classes], and values of the named layers, for a batch of inputs, whose memory may hold other
   * values once the run is over.
   */
  readonly run: (
    inputs: NdArray,
    outputs: readonly string[],
  ) => Promise<Pick<RunResult, 'logits' | 'outputs'>>;
}

/** Values [1, ..] of a model's other inputs, which stay as they are. */
export type OtherInputs = Readonly<Record<string, NdArray>>;

/** A session as a {@link ForwardPass}; the first input that is not among `others` varies. */
export function forwardPassOf(session: Session, others: OtherInputs = {}): ForwardPass {
  return {
    rule: mainHead(session.network),
    run: (inputs, outputs) => session.run({ inputs: joinInputs(session, inputs, others), outputs }),
  };
}

/** The input that is explained: the model's first that is not among `others`. */
export function explainedInput({ network }: Session, others: OtherInputs = {}): string {
  const name = network.inputs.find((input) => !Object.hasOwn(others, input));
  if (name !== undefined) return name;
  throw new GradcamError('argument', `model ${network.name} has no input beside the fixed ones`);
}

/** All inputs of a run: `inputs` as they are, the others repeated as often as it has items. */
export function joinInputs(
  session: Session,
  inputs: NdArray,
  others: OtherInputs = {},
): Record<string, NdArray> {
  const count = inputs.shape[0] ?? 1;
  const joined: Record<string, NdArray> = { [explainedInput(session, others)]: inputs };
  for (const [name, { shape, data }] of Object.entries(others)) {
    const repeated = new Float32Array(count * data.length);
    for (let i = 0; i < count; i++) repeated.set(data, i * data.length);
    joined[name] = { shape: [count, ...shape.slice(1)], data: repeated };
  }
  return joined;
}

/**
 * The seeds with places of the ranking replaced by the classes that hold them in `logits`: of a
 * changed input another class may be first, while a map is about one class.
 */
export function settleSeeds(
  seeds: readonly Seed[],
  logits: ArrayLike<number>,
  rule: ScoreRule,
): Seed[] {
  return seeds.map((seed) =>
    'rank' in seed.of ? { ...seed, of: fixRank(seed.of, resolveSeed(seed, logits, rule)) } : seed,
  );
}

/** The seeds' values for each item of a batch of logits: [batch, seeds]. */
export function scoreLogits(logits: NdArray, seeds: readonly Seed[], rule: ScoreRule): NdArray {
  const count = logits.shape[0] ?? 0;
  const data = new Float32Array(count * seeds.length);
  for (let i = 0; i < count; i++) {
    const { data: item } = batchItem(logits, i);
    seeds.forEach((seed, s) => {
      data[i * seeds.length + s] = scoreSeed(seed, item, rule);
    });
  }
  return { shape: [count, seeds.length], data };
}

/**
 * A model as a function of its input: one score for each seed, or all logits without seeds.
 *
 * @param seeds settled ones: see {@link settleSeeds}.
 */
export function createPredict(pass: ForwardPass, seeds?: readonly Seed[]): Predict {
  return async (inputs) => {
    const { logits } = await pass.run(inputs, []);
    return seeds === undefined ? logits : scoreLogits(logits, seeds, pass.rule);
  };
}
