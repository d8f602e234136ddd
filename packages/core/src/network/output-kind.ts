import { describeLayout } from './detector.ts';
import type { Head } from './network.ts';

/**
 * What the numbers of an output mean.
 *
 * - `classes`: one of several classes, by a softmax.
 * - `labels`: several labels, each of which is present or absent by its own sigmoid.
 * - `binary`: one sigmoid for two classes. Its value is the probability of class 1.
 * - `scores`: several numbers without an activation. Their softmax is shown.
 * - `value`: one number without an activation, such as a measure or a grade.
 * - `map`: rows and columns, with one or several numbers at each place.
 * - `boxes`: the boxes of a detector, one at each of its places.
 * - `table`: any other shape, or coordinates of points. The numbers are explained one by one.
 */
export type OutputKind =
  'classes' | 'labels' | 'binary' | 'scores' | 'value' | 'map' | 'boxes' | 'table';

/** The part of a {@link Head} that says what an output means. */
export type OutputShape = Pick<
  Head,
  'activation' | 'shape' | 'classes' | 'detector' | 'coordinates'
>;

/** The kind of an output, from its detector, shape and last activation. */
export function outputKindOf(output: OutputShape): OutputKind {
  const { activation, shape, classes, detector, coordinates } = output;
  if (detector !== undefined) return 'boxes';
  if (coordinates === true) return 'table';
  if (shape.length === 3 && shape[0]! * shape[1]! > 1) return 'map';
  // A softmax over an axis of size 1 is always 1, whatever the scores are, so it distinguishes no
  // classes.
  const isConstant = activation === 'softmax' && shape.at(-1) === 1 && classes > 1;
  if (isConstant || shape.filter((size) => size > 1).length > 1) return 'table';
  if (classes === 1) return activation === 'sigmoid' ? 'binary' : 'value';
  return activation === 'softmax' ? 'classes' : activation === 'sigmoid' ? 'labels' : 'scores';
}

/**
 * The number of classes of an output, which is also the number of its labels. One sigmoid has two
 * classes, also when it stands at every place of a map. An output of plain numbers has none.
 */
export function countClasses(output: OutputShape): number {
  const kind = outputKindOf(output);
  if (kind === 'value' || kind === 'table') return 0;
  if (kind === 'binary') return 2;
  if (kind === 'boxes') return output.detector!.classes;
  if (kind !== 'map') return output.classes;
  const channels = output.shape[2]!;
  if (channels > 1) return channels;
  return output.activation === 'sigmoid' ? 2 : 0;
}

/** Whether one sigmoid distinguishes two classes, alone or at every place of a map. */
export function isBinary(output: OutputShape): boolean {
  return (
    output.detector === undefined &&
    countClasses(output) === 2 &&
    output.activation === 'sigmoid' &&
    (output.shape.at(-1) ?? 1) === 1
  );
}

/** A description of an output, for `inspect` and errors. */
export function describeOutput(output: OutputShape): string {
  const [rows, columns] = output.shape;
  const count = countClasses(output);
  switch (outputKindOf(output)) {
    case 'classes':
      return `a softmax over ${count} classes`;
    case 'labels':
      return `${count} labels, each with a sigmoid of its own`;
    case 'binary':
      return 'two classes by one sigmoid: 1 is what it says, 0 the rest';
    case 'scores':
      return `${count} scores without an activation`;
    case 'value':
      return 'one value';
    case 'map':
      return `a map of ${rows} x ${columns} places, ${count === 0 ? 'one value each' : `${count} classes`}`;
    case 'boxes':
      return `boxes, ${describeLayout(output.detector!)}`;
    case 'table':
      if (output.coordinates === true) {
        return output.shape.filter((size) => size > 1).length > 1
          ? `offsets of points [${output.shape.join(', ')}]`
          : `${output.classes} coordinates of points`;
      }
      return `numbers [${output.shape.join(', ')}]`;
  }
}
