import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { batchItem, type NdArray } from '../../src/base/nd-array.ts';
import type { Engine, RunResult } from '../../src/engines/port/engine.ts';
import { findMethod } from '../../src/methods/registry.ts';
import type { MethodInputs } from '../../src/methods/shared-pass.ts';
import { computeGuidedGradCam } from '../../src/methods/pixels/pixel-gradients.ts';
import { readNetwork } from '../../src/readers/layers-model/read-network.ts';
import type { Network } from '../../src/network/network.ts';
import type { ReluPolicy } from '../../src/network/op.ts';
import { createEngine, type EngineName } from '../helper/engines.ts';
import { largestDifference, largestOf } from '../helper/closeness.ts';
import { formulaMap } from '../helper/formula-map.ts';
import { evaluateFloat64 } from '../helper/float64/evaluate.ts';
import { differentiate } from '../helper/float64/gradient.ts';
import { buildNet, type BuiltNet } from './build-net.ts';
import { drawDyadic, drawUniform } from './draw-weights.ts';
import { netPlans, type NetPlan } from './net-plan.ts';

/**
 * Two right float32 engines differ by about 1e-6 of the measures of design section 9. Before the
 * smooth layers all values are exact, so nothing can be far off by a kink.
 */
const AGREEMENT = 1e-5;

/** Values above cannot be told from rounded ones: 24 bits less those of the fractions. */
const EXACT_BELOW = 2 ** 16;

/** Float32 through some ten layers against differences that are right to 1e-9, as for the fixed nets. */
const FINITE_DIFFERENCES = 2e-5;

/** A longer lane: GRADCAM_PROPERTY_RUNS=5000, another start: GRADCAM_PROPERTY_SEED. */
const runs = Number(process.env['GRADCAM_PROPERTY_RUNS'] ?? 150);
const seed = Number(process.env['GRADCAM_PROPERTY_SEED'] ?? 20161007);

/** No net is begun later than this in the short lane; shrinking a failure may take longer. */
const TIME_LIMIT = runs <= 150 ? 12_000 : runs * 1000;
const timeout = TIME_LIMIT + 180_000;

/** Nets that went wrong once: a grid of a single cell before the mean, whose gradient is that of one cell. */
const found: readonly NetPlan[] = [
  {
    seed: 0,
    image: [3, 3, 1],
    steps: [
      { op: 'maxPool', size: [1, 1], strides: [2, 1], padding: 'same' },
      { op: 'maxPool', size: [1, 1], strides: [1, 2], padding: 'same' },
      { op: 'separable', size: [1, 1], strides: 2, multiplier: 1, padding: 'same' },
      { op: 'join', how: 'Add', back: 1 },
    ],
    smooth: [],
    tail: 'mean',
    hidden: 0,
    ends: 'softmax',
  },
  {
    seed: 0,
    image: [3, 4, 1],
    steps: [
      { op: 'depthwise', size: [1, 3], strides: 1, multiplier: 1, padding: 'valid' },
      { op: 'crop', edges: [0, 2, 1, 0] },
    ],
    smooth: [],
    tail: 'mean',
    hidden: 0,
    ends: 'softmax',
  },
];

const policies: readonly ReluPolicy[] = ['plain', 'guided', 'deconvnet'];

/** Methods whose map is a sum over channels; those of a principal component have none of their own. */
const gridMethods = [
  ...['grad-cam', 'grad-cam-plus-plus', 'hires-cam', 'layer-cam', 'xgrad-cam'],
  ...['grad-cam-elementwise', 'cam'],
].map((name) => ({ name, computeMap: mapBy(name) }));

/** Their weights divide by a channel's sum, which means little where activations have both signs. */
const presumePositive: ReadonlySet<string> = new Set(['grad-cam-plus-plus', 'xgrad-cam']);

interface NetRun {
  readonly plain: RunResult;
  readonly inputGradients: ReadonlyMap<ReluPolicy, NdArray>;
}

const engines = new Map<EngineName, Engine>();
beforeAll(async () => {
  for (const name of ['onnx', 'wasm', 'cpu'] as const) engines.set(name, await createEngine(name));
});

describe('random nets', () => {
  test('onnx, wasm and cpu agree on all of them', { timeout }, async () => {
    const compared = await checkPlans(runs, async (plan) => {
      const net = buildNet(plan);
      const network = readNetwork(net.model.topology, net.model.specs);
      const reference = await runNet('onnx', net, network, plan);
      fc.pre(isExact(reference, net.taps));
      for (const name of ['wasm', 'cpu'] as const) {
        compareRuns(name, await runNet(name, net, network, plan), reference, net);
      }
    });
    expect(compared).toBeGreaterThan(0);
  });

  test('gradients are finite differences in float64', { timeout }, async () => {
    const compared = await checkPlans(Math.ceil(runs / 3), async (plan) => {
      const net = buildNet({ ...plan, smooth: [] }, drawUniform(plan.seed));
      const network = readNetwork(net.model.topology, net.model.specs);
      await compareWithDifferences(net, network, plan);
    });
    expect(compared).toBeGreaterThan(0);
  });
});

/** Checks plans until their number or the time is used up, and returns how many were. */
async function checkPlans(count: number, check: (plan: NetPlan) => Promise<void>): Promise<number> {
  const deadline = performance.now() + TIME_LIMIT;
  let checked = 0;
  let failed = false;
  const property = fc.asyncProperty(netPlans, async (plan) => {
    if (!failed && performance.now() > deadline) return;
    try {
      await check(plan);
      checked += 1;
    } catch (error) {
      failed ||= !fc.PreconditionFailure.isFailure(error as Error);
      throw error;
    }
  });
  await fc.assert(property, { numRuns: count, seed, examples: found.map((plan) => [plan]) });
  return checked;
}

async function runNet(
  name: EngineName,
  { model, taps, smooth }: BuiltNet,
  network: Network,
  plan: NetPlan,
): Promise<NetRun> {
  const session = await engines.get(name)!.open(network, model.weights);
  try {
    const image = drawDyadic(plan.seed + 1)([1, ...plan.image], [-3, -2, -1, 0, 1, 2, 3]);
    const run = (relu: ReluPolicy, outputs: readonly string[], wrt: readonly string[]) =>
      session.run({
        inputs: { image },
        outputs,
        gradient: { seeds: [{ score: 'logit', of: { class: 1 } }], wrt, relu },
      });
    const plain = await run('plain', taps, ['image', ...taps, ...smooth]);
    const inputGradients = new Map([['plain' as ReluPolicy, plain.gradients[0]!.get('image')!]]);
    for (const relu of ['guided', 'deconvnet'] as const) {
      const { gradients } = await run(relu, [], ['image']);
      inputGradients.set(relu, gradients[0]!.get('image')!);
    }
    return { plain, inputGradients };
  } finally {
    session.dispose();
  }
}

function isExact({ plain }: NetRun, taps: readonly string[]): boolean {
  const arrays = [plain.logits, ...taps.map((tap) => plain.outputs.get(tap)!)];
  return arrays.every(({ data }) => largestOf(data) < EXACT_BELOW);
}

function compareRuns(
  engine: string,
  run: NetRun,
  reference: NetRun,
  { taps, smooth, isRounded }: BuiltNet,
): void {
  const check = (what: string, got: NdArray, want: NdArray, scale = largestOf(want.data)): void => {
    const error = largestDifference(got.data, want.data, scale);
    if (error <= AGREEMENT && got.data.length === want.data.length) return;
    throw new Error(`${engine}: ${what} differs from onnx by ${error} of ${scale}`);
  };
  check('logits', run.plain.logits, reference.plain.logits);
  // Where gradients are rounded, they may cancel to nothing but that: what they are made of counts.
  const along = isRounded
    ? [...taps, ...smooth].map((tap) => largestOf(reference.plain.gradients[0]!.get(tap)!.data))
    : [];
  for (const relu of policies) {
    const want = reference.inputGradients.get(relu)!;
    const scale = Math.max(largestOf(want.data), ...along);
    check(`${relu} gradient at the input`, run.inputGradients.get(relu)!, want, scale);
  }
  for (const tap of taps) {
    const [got, want] = [layerOf(run, tap), layerOf(reference, tap)];
    check(`${tap}`, got.activations, want.activations);
    const scale = Math.max(largestOf(want.gradients.data), ...along);
    check(`gradient at ${tap}`, got.gradients, want.gradients, scale);
    const floor = Math.max(0, ...along) * largestOf(want.activations.data);
    const isPositive = want.activations.data.every((value) => value >= 0);
    for (const method of gridMethods) {
      if (!isPositive && presumePositive.has(method.name)) continue;
      const terms = Math.max(termScale(method, want), floor);
      check(`${method.name} at ${tap}`, method.computeMap(got), method.computeMap(want), terms);
    }
    const guided = (one: NetRun, layer: MethodInputs): NdArray =>
      computeGuidedGradCam({
        inputGradients: batchItem(one.inputGradients.get('guided')!, 0),
        layer,
      });
    const map = guided(reference, want);
    const largestCam = Math.max(termScale({ computeMap: mapBy('grad-cam') }, want), floor);
    const largestGradient = largestOf(reference.inputGradients.get('guided')!.data);
    // A product of two values has the errors of both.
    const product = 2 * largestCam * largestGradient;
    check(`guided-grad-cam at ${tap}`, guided(run, got), map, product);
  }
}

function mapBy(name: string): (inputs: MethodInputs) => NdArray {
  return (inputs) => formulaMap(findMethod(name).explain, inputs);
}

function layerOf({ plain }: NetRun, tap: string): MethodInputs {
  return {
    activations: batchItem(plain.outputs.get(tap)!, 0),
    gradients: batchItem(plain.gradients[0]!.get(tap)!, 0),
  };
}

/** Largest sum over channels of a cell's terms without signs; a channel alone has its term as map. */
function termScale(
  { computeMap }: { readonly computeMap: (inputs: MethodInputs) => NdArray },
  { activations, gradients }: MethodInputs,
): number {
  const [rows = 1, columns = 1, channels = 1] = activations.shape;
  const sums = new Float64Array(rows * columns);
  for (let k = 0; k < channels; k++) {
    const take = ({ data }: NdArray): NdArray => ({
      shape: [rows, columns, 1],
      data: data.filter((_, i) => i % channels === k),
    });
    const map = computeMap({ activations: take(activations), gradients: take(gradients) });
    map.data.forEach((value, cell) => (sums[cell]! += Math.abs(value)));
  }
  return largestOf(sums);
}

async function compareWithDifferences(
  { model, taps }: BuiltNet,
  network: Network,
  plan: NetPlan,
): Promise<void> {
  const image = drawUniform(plan.seed + 1)([1, ...plan.image]);
  const one = { shape: image.shape.slice(1), data: image.data };
  const exact = evaluateFloat64(network, model.weights, new Map([['image', one]]));
  const wrt = ['image', ...taps.slice(-1)];
  for (const name of ['onnx', 'wasm'] as const) {
    const session = await engines.get(name)!.open(network, model.weights);
    const result = await session.run({
      inputs: { image },
      outputs: [],
      gradient: { seeds: [{ score: 'logit', of: { class: 1 } }], wrt, relu: 'plain' },
    });
    session.dispose();
    for (const node of wrt) {
      const { length } = exact.get(node)!.data;
      const indices = [0, 1, 2, 3].map((i) => Math.floor((i * length) / 4));
      const [differences = []] = differentiate(
        network,
        model.weights,
        exact,
        node,
        [(logits) => logits[1]!],
        indices,
      );
      const { data } = result.gradients[0]!.get(node)!;
      const scale = largestOf(data);
      differences.forEach((wanted, i) => {
        const error = Math.abs(data[indices[i]!]! - wanted) / scale;
        if (Number.isNaN(wanted) || error <= FINITE_DIFFERENCES) return;
        throw new Error(
          `${name}: gradient at ${node}[${indices[i]}] is off by ${error} of ${scale}`,
        );
      });
    }
  }
}
