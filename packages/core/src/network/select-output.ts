import { GradcamError } from '../base/errors.ts';
import { nearestNames } from '../base/nearest-names.ts';
import { nameOfHead, type Network } from './network.ts';

/**
 * The index of an output among the heads of a network.
 *
 * @param output its index, or the name of the layer that gives its logits or probabilities.
 * @throws GradcamError `not-found` listing the outputs of the model.
 */
export function findOutput(network: Network, output: number | string): number {
  const node = typeof output === 'string' ? (network.layers.get(output) ?? output) : null;
  const index = network.heads.findIndex(
    ({ logits, probabilities }, i) => i === output || node === logits || node === probabilities,
  );
  if (index >= 0) return index;
  const names = network.heads.map(nameOfHead);
  throw new GradcamError(
    'not-found',
    `model ${network.name} has no output '${output}'; it has ${names.map((name, i) => `${i} (${name})`).join(', ')}`,
    { candidates: nearestNames(String(output), names) },
  );
}

/** The network with one head first. Explanations are about the first head. */
export function withOutputFirst(network: Network, index: number): Network {
  const chosen = network.heads[index];
  if (chosen === undefined || index === 0) return network;
  return { ...network, heads: [chosen, ...network.heads.filter((head) => head !== chosen)] };
}
