import { batchItem, type NdArray } from '../../src/base/nd-array.ts';
import type { Session } from '../../src/engines/port/engine.ts';
import { prepareInput } from '../../src/image/prepare-input.ts';
import { createRandom } from '../helper/random.ts';
import { ensure, type Check } from './check.ts';
import { pictureOf, withModel, type MethodCase } from './method-case.ts';

/** Length of the step, relative to the values: its square root is what float32 leaves of a score. */
const STEP = 1e-3;

/**
 * A difference of float32 scores of size s over a step of 1e-3 is off by some 1e-4 s, and ReLUs that
 * the step crosses bend the line. A wrong rule is off by a large part of the slope.
 */
const SLOPE = 0.02;

/**
 * The gradients that every method is made from, against differences of the engine's own scores along
 * drawn directions: at the input, and at each layer by resuming there.
 */
export function gradientChecks(name: string, methodCase: MethodCase): Check[] {
  return ['the input', ...methodCase.layers].map((place, i) => ({
    title: `${name}: the gradient at ${place} is the slope of the score`,
    run: (engine) =>
      withModel(engine, methodCase, async (model) => {
        const { session, network } = model;
        const [input] = network.inputs as [string];
        const { values } = prepareInput(pictureOf(methodCase), model.input);
        const node = i === 0 ? input : network.layers.get(place)!;
        const seeds = [{ score: 'logit', of: { class: 0 } }] as const;
        const { outputs, gradients, logits } = await session.run({
          inputs: { [input]: values },
          outputs: [node],
          gradient: { seeds, wrt: [node], relu: 'plain' },
        });
        const at = outputs.get(node)!;
        const gradient = gradients[0]!.get(node)!;
        const size = Math.max(...batchItem(logits, 0).data.map(Math.abs));
        const random = createRandom(7);
        for (let trial = 0; trial < 3; trial++) {
          const direction = at.data.map((value) => (random() - 0.5) * (Math.abs(value) + 0.1));
          const slope = direction.reduce((sum, d, j) => sum + d * gradient.data[j]!, 0);
          const ahead = await scoreAt(session, node, shift(at, direction, STEP));
          const behind = await scoreAt(session, node, shift(at, direction, -STEP));
          const measured = (ahead - behind) / (2 * STEP);
          const allowed = SLOPE * (Math.abs(slope) + size);
          ensure(
            Math.abs(measured - slope) <= allowed,
            () => `expected a slope of ${slope}, measured ${measured}; allowed ±${allowed}`,
          );
        }
      }),
  }));
}

function shift({ shape, data }: NdArray, direction: Float32Array, step: number): NdArray {
  return { shape, data: data.map((value, i) => value + step * direction[i]!) };
}

async function scoreAt(session: Session, node: string, value: NdArray): Promise<number> {
  const [input] = session.network.inputs as [string];
  const { logits } = await session.run(
    node === input
      ? { inputs: { [input]: value }, outputs: [] }
      : { from: { layer: node, value }, outputs: [] },
  );
  return logits.data[0]!;
}
