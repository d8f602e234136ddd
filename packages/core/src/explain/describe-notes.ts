import type { Method } from '../methods/method.ts';
import type { Preset } from '../presets/preset.ts';
import { peerMethod } from '../presets/presets.ts';
import type { BoxList } from '../targets/detect/list-boxes.ts';

/** Notes about a detector's output: what was assumed, or why no boxes could be read from it. */
export function describeBoxes(boxes: BoxList | null): readonly string[] {
  if (boxes === null) return [];
  if (boxes.problem === undefined) return boxes.notes.map((note) => `assumed: ${note}`);
  return [
    `the output is not what boxes were to be read from: ${boxes.problem}; element:<i,j,..> explains any number of it`,
  ];
}

/** A note for each method whose sign a peer leaves open. */
export function describeSigns(preset: Preset, methods: readonly Method[]): readonly string[] {
  return methods
    .filter(({ name }) => peerMethod(preset, name).isOfEitherSign)
    .map(
      ({ name }) =>
        `${name} like ${preset.name}: the peer's map may be the negative of this one, since it keeps the sign that LAPACK returns; here the value of the largest magnitude is positive`,
    );
}
