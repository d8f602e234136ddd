import { GradcamError } from '../base/errors.ts';
import { nearestNames } from '../base/nearest-names.ts';
import type { Head, Network } from './network.ts';

/**
 * The place of an output among a network's heads.
 *
 * @param output its place, or the name of the layer that gives it (its logits or probabilities).
 * @throws GradcamError `not-found` listing the model's outputs.
 */
export function findOutput(network: Network, output: number | string): number {
  const node = typeof output === 'string' ? (network.layers.get(output) ?? output) : null;
  const place = network.heads.findIndex(
    ({ logits, probabilities }, i) => i === output || node === logits || node === probabilities,
  );
  if (place >= 0) return place;
  const names = network.heads.map(nameOfHead);
  throw new GradcamError(
    'not-found',
    `model ${network.name} has no output '${output}'; it has ${names.map((name, i) => `${i} (${name})`).join(', ')}`,
    { candidates: nearestNames(String(output), names) },
  );
}

/** The network with that head as its first, which is the one that explanations are about. */
export function withOutputFirst(network: Network, place: number): Network {
  const chosen = network.heads[place];
  if (chosen === undefined || place === 0) return network;
  return { ...network, heads: [chosen, ...network.heads.filter((head) => head !== chosen)] };
}

function nameOfHead({ logits, probabilities }: Head): string {
  return probabilities ?? logits;
}
