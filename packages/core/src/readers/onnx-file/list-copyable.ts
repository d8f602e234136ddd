import type { RawTensor } from '../../network/copied-node.ts';
import type { CopyFindings } from './copy-context.ts';
import type { OnnxFileModel, OnnxFileNode } from './proto/onnx-schema.ts';
import { translators } from './translators.ts';

/**
 * The places of the nodes that a run of the file should show: those that are not translated and that outputs
 * need, and behind them those whose operators nobody knows. An output that needs a node which cannot be
 * copied is left out.
 *
 * @param shown the values that runs have shown already.
 */
export function listCopyable(
  { nodes, outputs, untranslated }: CopyFindings,
  shown: ReadonlyMap<string, RawTensor>,
): ReadonlySet<number> {
  const copyable = new Set<number>();
  const producers = placesByOutput(nodes);
  for (const output of outputs) {
    const needed = listBefore(output, nodes, producers);
    const found = needed.filter((place) => untranslated.has(place));
    if (!found.every((place) => untranslated.get(place)!.isCopyable) || found.length === 0)
      continue;
    for (const place of needed) {
      const node = nodes[place]!;
      if (!untranslated.has(place) && !isUnknown(node)) continue;
      const isShown = node.outputs.every((name) => name === '' || shown.has(name));
      if (!isShown) copyable.add(place);
    }
  }
  return copyable;
}

/** The values of these nodes and the values that they take, without the file's inputs and weights. */
export function listValues(
  { graph }: OnnxFileModel,
  { nodes, inputs }: CopyFindings,
  places: readonly number[],
): readonly string[] {
  const given = new Set([...graph.initializers, ...inputs].map(({ name }) => name).concat(''));
  const names = places.flatMap((place) => [...nodes[place]!.inputs, ...nodes[place]!.outputs]);
  return [...new Set(names)].filter((name) => !given.has(name));
}

function isUnknown({ type, domain }: OnnxFileNode): boolean {
  return domain !== '' || !(translators.has(type) || type === 'Constant' || type === 'If');
}

function placesByOutput(nodes: readonly OnnxFileNode[]): ReadonlyMap<string, number> {
  return new Map(
    nodes.flatMap(({ outputs }, place) => outputs.map((name) => [name, place] as const)),
  );
}

/** Places of all nodes from which a value is computed. */
function listBefore(
  value: string,
  nodes: readonly OnnxFileNode[],
  producers: ReadonlyMap<string, number>,
): readonly number[] {
  const found = new Set<number>();
  const pending = [value];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const place = producers.get(name);
    if (place === undefined || found.has(place)) continue;
    found.add(place);
    pending.push(...nodes[place]!.inputs);
  }
  return [...found].sort((a, b) => a - b);
}
