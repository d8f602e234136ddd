import { noteChoice } from '../graph/outputs.ts';
import type { CopyContext } from './copy-context.ts';
import type { OnnxFileNode } from './proto/onnx-schema.ts';

/** Operators that choose among scores. */
const choosing: ReadonlySet<string> = new Set(['ArgMax', 'TopK']);

/** Operators that only hand on what was chosen. */
const handingOn: ReadonlySet<string> = new Set(['Cast', 'Identity', 'Squeeze']);

/** Outputs that can be explained, and a line for each that the file has reduced to an index. */
export interface Scores {
  readonly names: readonly string[];
  readonly notes: readonly string[];
}

/** Where an output of the file is the index of the largest score, the scores themselves are explained. */
export function findScores(
  outputs: readonly string[],
  nodes: readonly OnnxFileNode[],
  { producers, titles }: Pick<CopyContext, 'producers' | 'titles'>,
): Scores {
  const names = new Set<string>();
  const notes: string[] = [];
  for (const output of outputs) {
    let name = output;
    let chooser = '';
    const seen = new Set<string>();
    while (chooser === '' && !seen.has(name)) {
      seen.add(name);
      const place = producers.get(name);
      const node = place === undefined ? undefined : nodes[place];
      if (node === undefined || node.domain !== '') break;
      const { type, inputs } = node;
      if (choosing.has(type)) chooser = `${titles[place!]} (${type})`;
      else if (!handingOn.has(type)) break;
      name = inputs[0] ?? '';
    }
    if (chooser !== '') notes.push(noteChoice(output, chooser, name));
    names.add(chooser === '' ? output : name);
  }
  return { names: [...names], notes };
}
