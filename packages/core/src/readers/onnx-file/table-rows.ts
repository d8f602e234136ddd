import type { OnnxFileGraph } from './proto/onnx-schema.ts';

/** Operators whose result holds the whole numbers of their first input, in another shape or in part. */
const handOn: ReadonlySet<string> = new Set([
  ...['Cast', 'Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Transpose', 'Expand'],
  ...['Slice', 'Split', 'Gather'],
]);

/**
 * For each input of a file whose numbers are looked up in tables: the rows of the smallest table. Larger
 * numbers than these have no row.
 */
export function listTableRows(
  graph: Pick<OnnxFileGraph, 'inputs' | 'initializers' | 'nodes'>,
): ReadonlyMap<string, number> {
  const tables = new Map(graph.initializers.map(({ name, shape }) => [name, shape]));
  const inputOf = new Map(graph.inputs.map(({ name }) => [name, name]));
  const rows = new Map<string, number>();
  for (const { type, inputs, outputs, attributes } of graph.nodes) {
    const [first = '', indices = ''] = inputs;
    const looked = type === 'Gather' ? inputOf.get(indices) : undefined;
    const table = tables.get(first);
    if (looked !== undefined && table !== undefined) {
      const size = table[attributes.get('axis')?.integer ?? 0];
      if (size !== undefined) rows.set(looked, Math.min(size, rows.get(looked) ?? size));
    }
    const from = handOn.has(type) ? inputOf.get(first) : undefined;
    if (from !== undefined) for (const output of outputs) inputOf.set(output, from);
  }
  return rows;
}
