import { GradcamError } from '../base/errors.ts';
import { findNonFinite, type NdArray } from '../base/nd-array.ts';
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
 * throws GradcamError `model` for a weight that is not finite.
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
    read: () => Promise.resolve(readRecipes(weights, [...weights.keys()])),
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
      const data = read();
      const index = findNonFinite(data);
      if (index < 0) return [name, { shape, data }];
      throw new GradcamError('model', `weight ${name} holds ${data[index]} at index ${index}`);
    }),
  );
}
