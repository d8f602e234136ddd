import type { BoxList } from '../targets/detect/list-boxes.ts';

/** Notes about a detector's output: what was assumed, or why no boxes could be read from it. */
export function describeBoxes(boxes: BoxList | null): readonly string[] {
  if (boxes === null) return [];
  if (boxes.problem === undefined) return boxes.notes.map((note) => `assumed: ${note}`);
  return [
    `the output is not what boxes were to be read from: ${boxes.problem}; element:<i,j,..> explains any number of it`,
  ];
}
