import { describeLayout } from './detector.ts';
import type { Head } from './network.ts';

/**
 * What the numbers of an output mean.
 *
 * - `classes`: one of several, by a softmax.
 * - `labels`: several that hold or not, each by a sigmoid of its own.
 * - `binary`: one sigmoid, which tells two classes apart: 1 is what it says, 0 the rest.
 * - `scores`: several numbers without an activation; their softmax is shown.
 * - `value`: one number without an activation, a measure or a grade.
 * - `map`: rows and columns, with one or several numbers at each place.
 * - `boxes`: what a detector finds, at each of its places.
 * - `table`: any other shape, whose numbers are explained one by one.
 */
export type OutputKind =
  'classes' | 'labels' | 'binary' | 'scores' | 'value' | 'map' | 'boxes' | 'table';

/** An output as targets see it; every {@link Head} is one. */
export type OutputShape = Pick<Head, 'activation' | 'shape' | 'classes' | 'detector'>;

/** What the numbers of an output mean, by its shape and last activation. */
export function outputKindOf({ activation, shape, classes, detector }: OutputShape): OutputKind {
  if (detector !== undefined) return 'boxes';
  if (shape.length === 3 && shape[0]! * shape[1]! > 1) return 'map';
  // A softmax over an axis of one is 1 whatever the scores are: these tell no classes apart.
  const isVoid = activation === 'softmax' && shape.at(-1) === 1 && classes > 1;
  if (isVoid || shape.filter((size) => size > 1).length > 1) return 'table';
  if (classes === 1) return activation === 'sigmoid' ? 'binary' : 'value';
  return activation === 'softmax' ? 'classes' : activation === 'sigmoid' ? 'labels' : 'scores';
}

/**
 * How many classes an output tells apart, which is how many names its labels have: two for one
 * sigmoid, be it at every place of a map; none where it holds plain numbers.
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

/** Whether two classes are told apart by one sigmoid, be it at every place of a map. */
export function isBinary(output: OutputShape): boolean {
  return (
    output.detector === undefined &&
    countClasses(output) === 2 &&
    output.activation === 'sigmoid' &&
    lastOf(output.shape) === 1
  );
}

function lastOf(shape: readonly number[]): number {
  return shape.at(-1) ?? 1;
}

/** What an output is, in words, as `inspect` and errors say it. */
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
      return `numbers [${output.shape.join(', ')}]`;
  }
}
