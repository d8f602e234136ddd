import {
  chooseImageInput,
  explain,
  findNode,
  isGradcamError,
  mainHead,
  type Model,
  type ModelDescription,
  type NdArray,
  type RunRequest,
  type RunResult,
  type Session,
} from '@gradcam/core';
import type { DescribedModel } from '../models/describe-any.ts';

/** The passes that a method asks an engine for, for one image and one target. */
export interface RunCount {
  /** Inputs that pass through the whole network. */
  readonly forwards: number;
  /** The number of these inputs whose gradient goes back to a layer, and back to the image. */
  readonly toLayer: number;
  readonly toInput: number;
  /** Values of the layer that pass through the part of the network behind that layer. */
  readonly tails: number;
}

/** A count, or the reason why the method cannot be used on this network. */
export type Cost =
  | { readonly kind: 'runs'; readonly count: RunCount }
  | { readonly kind: 'unsupported'; readonly reason: string };

type Kind = keyof RunCount;

/**
 * Counts a method's passes by running the method on an engine that computes nothing, so the count is what the
 * method really asks for. A method that works in batches is stopped after the first batch, when it has
 * reported how many batches there are.
 *
 * @param layer the layer as `--layer` takes it.
 * @param others values of the inputs other than the picture.
 */
export async function countRuns(
  description: DescribedModel,
  method: string,
  layer: string,
  others: Readonly<Record<string, NdArray>> = {},
): Promise<Cost> {
  const image = chooseImageInput(description.network, { given: Object.keys(others) });
  const counter = createCounter(description, image);
  const stop = new AbortController();
  const { height, width } = description.input;
  const picture = { width, height, channels: 3, data: new Uint8Array(width * height * 3) } as const;
  try {
    await explain(counter.model, picture, {
      methods: [method],
      layers: [layer],
      targets: [0],
      inputs: others,
      signal: stop.signal,
      onProgress({ done, total }) {
        counter.repeatLast(total - done);
        stop.abort();
      },
    });
  } catch (error) {
    if (isGradcamError(error, 'unsupported')) return { kind: 'unsupported', reason: error.message };
    if (error !== stop.signal.reason) throw error;
  }
  return { kind: 'runs', count: counter.count };
}

/** Creates a model with an engine that only counts. */
function createCounter(
  description: DescribedModel,
  image: string,
): {
  readonly model: Model;
  readonly count: Record<Kind, number>;
  /** Counts the last pass again, for the given number of further items. */
  repeatLast(items: number): void;
} {
  const { network } = description;
  const count = { forwards: 0, toLayer: 0, toInput: 0, tails: 0 };
  let last: readonly Kind[] = [];
  const add = (kinds: readonly Kind[], items: number): void => {
    for (const kind of kinds) count[kind] += items;
  };
  const session: Session = {
    network,
    async run(request) {
      const items = batchOf(request);
      last = kindsOf(request, image);
      add(last, items);
      return inventResult(request, items, network);
    },
    async readWeights(names) {
      const shapes = (description.manifest ?? []).flatMap(({ weights }) => weights);
      return new Map(
        shapes
          .filter(({ name }) => names.includes(name))
          .map(({ name, shape }) => [name, inventArray(shape)]),
      );
    },
    dispose() {},
  };
  const model = { ...description, engine: 'none', session, dispose() {} };
  return { model, count, repeatLast: (items) => add(last, items) };
}

function kindsOf({ from, inputs, gradient }: RunRequest, image: string): Kind[] {
  const isTail = from !== undefined && inputs?.[image] === undefined;
  const kinds: Kind[] = [isTail ? 'tails' : 'forwards'];
  if (gradient === undefined || gradient.wrt.length === 0) return kinds;
  return [...kinds, gradient.wrt.includes(image) ? 'toInput' : 'toLayer'];
}

function batchOf({ from, inputs = {} }: RunRequest): number {
  const value = from?.value ?? Object.values(inputs)[0];
  return value?.shape[0] ?? 1;
}

/** Values of the right shapes. They are positive, so that no channel is left out because it is zero. */
function inventResult(
  { outputs, gradient }: RunRequest,
  items: number,
  network: ModelDescription['network'],
): RunResult {
  const { classes } = mainHead(network);
  const fill = (shape: readonly number[]): NdArray => inventArray([items, ...shape]);
  const valuesOf = (names: readonly string[]): Map<string, NdArray> =>
    new Map(names.map((name) => [name, fill(findNode(network, name).shape)]));
  const seeds = gradient?.seeds ?? [];
  return {
    logits: fill([classes]),
    outputs: valuesOf(outputs),
    gradients: seeds.map(() => valuesOf(gradient?.wrt ?? [])),
    seeds: seeds.map(() =>
      Array.from({ length: items }, () => ({
        classIndex: 0,
        score: 1,
        gradient: new Float32Array(classes),
      })),
    ),
  };
}

function inventArray(shape: readonly number[]): NdArray {
  const size = shape.reduce((product, side) => product * side, 1);
  return { shape, data: Float32Array.from({ length: size }, growing) };
}

function growing(_: unknown, i: number): number {
  return 1 + (i % 7) / 7;
}
