/** A node of the file and the layer that holds its value. */
export interface NamedNode {
  readonly name: string;
  readonly layer: string;
}

/** What converters put before the names of a model that was a function. */
const CALLED = /^(?:(?:Stateful)?PartitionedCall(?:_\d+)?\/)+/;

/**
 * Other names of layers: the node's name without what all names begin with, and the scopes around it, which
 * for Keras are its layers: of `StatefulPartitionedCall/model/conv1/Relu` these are `conv1/Relu` and `conv1`.
 * A scope stands for its last value.
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
