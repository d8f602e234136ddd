import { batchItem, type NdArray } from '../array/nd-array.ts';
import type { Session } from '../engine/engine.ts';
import type { ResolvedSeed, Seed } from '../engine/seed.ts';
import type { Method, MethodInputs } from '../methods/method.ts';
import type { ReluPolicy } from '../network/op.ts';

/** What all methods of one image together ask of the model. */
export interface RunPlan {
  readonly seeds: readonly Seed[];
  /** Nodes whose activations and plain gradients are wanted. */
  readonly nodes: readonly string[];
  readonly methods: readonly Method[];
}

/** What the model said, for each seed of the plan. */
export interface ModelRun {
  readonly logits: Float32Array;
  readonly seeds: readonly ResolvedSeed[];
  layer(node: string, seed: number): MethodInputs;
  /** @throws Error for a policy that no method of the plan has: a fault of the planner. */
  inputGradients(policy: ReluPolicy, seed: number): NdArray;
}

/**
 * Runs the model once for each ReLU policy that a method needs: the plain run gives the layers, and
 * the input too where a method wants that.
 *
 * @throws the signal's reason when aborted, between runs.
 */
export async function runModel(
  session: Session,
  values: NdArray,
  plan: RunPlan,
  signal?: AbortSignal,
): Promise<ModelRun> {
  const [input] = session.network.inputs as [string];
  const policies = new Set(
    plan.methods.flatMap((one) => (one.kind === 'pixels' ? one.policy : [])),
  );
  const run = async (relu: ReluPolicy, wrt: readonly string[], outputs: readonly string[]) => {
    signal?.throwIfAborted();
    const gradient = { seeds: plan.seeds, wrt, relu };
    const result = await session.run({ inputs: { [input]: values }, outputs, gradient });
    signal?.throwIfAborted();
    return result;
  };

  const atInput = new Map<ReluPolicy, readonly NdArray[]>();
  const take = (
    relu: ReluPolicy,
    gradients: Awaited<ReturnType<typeof run>>['gradients'],
  ): void => {
    const items = gradients.map((found) => batchItem(found.get(input)!, 0));
    atInput.set(relu, items);
  };
  const wrt = policies.has('plain') ? [...new Set([...plan.nodes, input])] : plan.nodes;
  const plain = await run('plain', wrt, plan.nodes);
  if (policies.has('plain')) take('plain', plain.gradients);
  for (const relu of policies) {
    if (relu !== 'plain') take(relu, (await run(relu, [input], [])).gradients);
  }
  return {
    logits: batchItem(plain.logits, 0).data,
    seeds: plain.seeds.map((items) => items[0]!),
    layer: (node, seed) => ({
      activations: batchItem(plain.outputs.get(node)!, 0),
      gradients: batchItem(plain.gradients[seed]!.get(node)!, 0),
    }),
    inputGradients(policy, seed) {
      const found = atInput.get(policy);
      if (found === undefined) throw new Error(`no run with ReLU policy ${policy} was planned`);
      return found[seed]!;
    },
  };
}
