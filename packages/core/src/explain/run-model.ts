import { batchItem, type NdArray } from '../base/nd-array.ts';
import type { Session } from '../engines/port/engine.ts';
import { resolveSeed, type Seed } from '../engines/port/seed.ts';
import { imageInput } from '../methods/passes/forward-pass.ts';
import { cellsAt } from '../methods/passes/layer-cells.ts';
import { gradientRefusal } from '../methods/passes/graph-model.ts';
import type { Method } from '../methods/method.ts';
import type { SharedPass } from '../methods/shared-pass.ts';
import { mainHead } from '../network/network.ts';
import type { ReluPolicy } from '../network/op.ts';
import { listOpaqueCalls, untranslated } from '../network/opaque-call.ts';

/** Everything that the methods together need from the model for one image. */
export interface RunPlan {
  readonly seeds: readonly Seed[];
  /** Nodes whose activations and plain gradients are wanted. */
  readonly nodes: readonly string[];
  readonly methods: readonly Method[];
}

/**
 * Runs the model once for each ReLU policy that a method needs. The pass with plain ReLUs gives the values
 * and gradients at layers, and the gradient at the input if a method needs it. Where no method reads a
 * gradient, the model runs once, forward only.
 *
 * @throws the signal's reason when aborted, between two passes.
 */
export async function runModel(
  session: Session,
  values: NdArray,
  plan: RunPlan,
  signal?: AbortSignal,
): Promise<SharedPass> {
  const { network } = session;
  const [input] = network.inputs as [string];
  const foreign = listOpaqueCalls(network);
  const derived = plan.methods.find((method) => !method.gradientFree);
  // A gradient costs a backward pass, and a layer that another library computes may have none.
  if (derived === undefined) return runForward(session, values, plan, signal);
  const graph = foreign.find(({ by }) => by === 'graph-model');
  if (graph !== undefined) throw gradientRefusal(derived.name, untranslated(graph));
  const policies = new Set(plan.methods.flatMap(({ inputPolicy }) => inputPolicy ?? []));
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
      activations: batchItem(cellsAt(network, node, plain.outputs.get(node)!), 0),
      gradients: batchItem(cellsAt(network, node, plain.gradients[seed]!.get(node)!), 0),
    }),
    inputGradients(policy, seed) {
      const found = atInput.get(policy);
      if (found === undefined) throw new Error(`no run with ReLU policy ${policy} was planned`);
      return found[seed]!;
    },
  };
}

/** Stands for gradients that were not computed. */
const noGradients: NdArray = { shape: [0], data: new Float32Array(0) };

async function runForward(
  session: Session,
  values: NdArray,
  { seeds, nodes }: RunPlan,
  signal?: AbortSignal,
): Promise<SharedPass> {
  signal?.throwIfAborted();
  const result = await session.run({ inputs: imageInput(session, values), outputs: nodes });
  signal?.throwIfAborted();
  const { data: logits } = batchItem(result.logits, 0);
  const head = mainHead(session.network);
  return {
    logits,
    seeds: seeds.map((seed) => resolveSeed(seed, logits, head)),
    layer: (node) => ({
      activations: batchItem(cellsAt(session.network, node, result.outputs.get(node)!), 0),
      gradients: noGradients,
    }),
    inputGradients() {
      throw new Error('a run without gradients was planned');
    },
  };
}
