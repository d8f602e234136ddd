import { mainHead, type Network } from '../network/network.ts';
import { listOpaqueCalls } from '../network/opaque-call.ts';
import { indexNodes, listAncestors, listDescendants } from '../network/walk-graph.ts';

/**
 * The last node that depends on the picture alone and that everything of the picture passes on its way to the
 * scores. Its value is the same for each text about the picture, so it is computed once.
 *
 * @param image the input that takes the picture.
 * @returns null where there is no such node, and for a GraphModel that runs as it is.
 */
export function findImagePart(network: Network, image: string): string | null {
  if (listOpaqueCalls(network).some(({ by }) => by === 'graph-model')) return null;
  const nodes = indexNodes(network);
  const { logits } = mainHead(network);
  const seen = listDescendants(image, network);
  const others = network.inputs.filter((input) => input !== image);
  const told = new Set(others.flatMap((input) => [...listDescendants(input, network)]));
  const own = network.nodes.filter(
    ({ name, op }) => seen.has(name) && !told.has(name) && op.kind !== 'input',
  );
  const part = own
    .reverse()
    .find(({ name }) => !listAncestors([logits], nodes, new Set([name])).has(image));
  return part?.name ?? null;
}
