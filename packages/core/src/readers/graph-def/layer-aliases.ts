/** A node of the file and the layer that holds its value. */
export interface NamedNode {
  readonly name: string;
  readonly layer: string;
}

/** The prefix that converters put before the names of nodes of a function. */
const CALLED = /^(?:(?:Stateful)?PartitionedCall(?:_\d+)?\/)+/;

/**
 * Lists further names of layers: a node's name without the prefix that all names share, and the scopes around
 * the node, which are the layers of a Keras model. For `StatefulPartitionedCall/model/conv1/Relu` these are
 * `conv1/Relu` and `conv1`. A scope's name means the last value within it.
 */
export function aliasNodes(nodes: readonly NamedNode[]): Readonly<Record<string, string>> {
  const plain = nodes.map(({ name }) => name.replace(CALLED, '').split('/'));
  const scoped = plain.filter((parts) => parts.length > 1);
  const first = scoped[0]?.[0];
  const isShared = scoped.length > 1 && scoped.every((parts) => parts[0] === first);
  const aliases = new Map<string, string>();
  nodes.forEach(({ name, layer }, i) => {
    const parts = isShared && plain[i]![0] === first ? plain[i]!.slice(1) : plain[i]!;
    aliases.set(name, layer);
    parts.forEach((_, last) => aliases.set(parts.slice(0, last + 1).join('/'), layer));
  });
  for (const { layer } of nodes) aliases.delete(layer);
  aliases.delete('');
  return Object.fromEntries(aliases);
}
