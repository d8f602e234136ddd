import { GradcamError } from '../base/errors.ts';
import {
  countElements,
  findNonFinite,
  lazyArray,
  transposedArray,
  type NdArray,
} from '../base/nd-array.ts';
import type { WeightSource } from '../engines/port/engine.ts';
import { findNode, mainHead, type Network } from '../network/network.ts';
import type { WeightRecipe } from '../readers/graph/graph-builder.ts';

/** A network that was translated from a graph, and how its weights are made of the file's. */
export interface TranslatedWeights {
  readonly network: Network;
  readonly weights: ReadonlyMap<string, WeightRecipe>;
}

/**
 * The weights of a translated model. They are computed from the file's weights when they are read, which
 * throws GradcamError `model` for a weight that is not finite. Large weights of an ONNX file are computed
 * when their values are read.
 *
 * @param format the kind of file, so that two formats never share a kept graph.
 * @param identity a text that changes whenever the files may have changed; null where changes cannot be
 *   noticed.
 */
export function weightSourceOf(
  { weights, network }: TranslatedWeights,
  format: 'onnx' | 'graph-model',
  identity: string | null,
): WeightSource {
  const sizes = network.inputs.map((name) => findNode(network, name).shape);
  const shape = JSON.stringify([sizes, mainHead(network).logits]);
  return {
    shapes: new Map([...weights].map(([name, { shape }]) => [name, shape])),
    identity: identity === null ? null : `${format} ${shape} ${identity}`,
    // A GraphModel's weights are checked before its translation is compared: an error there would mean that
    // the two differ.
    read: () =>
      Promise.resolve(
        format === 'onnx' ? deferRecipes(weights) : readRecipes(weights, [...weights.keys()]),
      ),
  };
}

/** @throws GradcamError `model` for a weight that is not finite. */
export function readRecipes(
  weights: ReadonlyMap<string, WeightRecipe>,
  names: readonly string[],
): Map<string, NdArray> {
  return new Map(
    names.map((name) => {
      const { shape, read } = weights.get(name)!;
      return [name, { shape, data: checked(name, read()) }];
    }),
  );
}

/** Smaller weights are read at once, because many of them are read value by value. */
const LAZY_VALUES = 65_536;

/**
 * All weights. The values of a large one are computed, and checked, whenever somebody reads them: the file's
 * bytes are in memory already, and copies of all weights take more time than everything else that opens a
 * model.
 */
function deferRecipes(weights: ReadonlyMap<string, WeightRecipe>): Map<string, NdArray> {
  return new Map([...weights].map(([name, recipe]) => [name, deferRecipe(name, recipe)]));
}

function deferRecipe(name: string, { shape, read, turned }: WeightRecipe): NdArray {
  if (countElements(shape) <= LAZY_VALUES) return { shape, data: checked(name, read()) };
  const own = (): Float32Array => checked(name, read());
  if (turned === undefined) return lazyArray(shape, own);
  const source = lazyArray(turned.shape, () => checked(name, turned.read()));
  return transposedArray(source, turned.order, own);
}

function checked(name: string, data: Float32Array): Float32Array {
  const index = findNonFinite(data);
  if (index < 0) return data;
  throw new GradcamError('model', `weight ${name} holds ${data[index]} at index ${index}`);
}
