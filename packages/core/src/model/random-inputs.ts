import { countElements } from '../base/nd-array.ts';
import { createRandom } from '../base/random.ts';
import type { OnnxFileInput } from '../engines/port/engine.ts';

/** An input of an ONNX file, with its shape at a batch of one. */
export interface SizedInput {
  readonly name: string;
  /** Number of its element type in onnx.proto. */
  readonly type: number;
  readonly shape: readonly number[];
  /** For an input that is looked up in a table: the number of its rows. */
  readonly rows?: number | undefined;
}

/** Element types that can be made, by their numbers in onnx.proto. */
const inputTypes: Readonly<Record<number, OnnxFileInput['type']>> = {
  ...{ 1: 'float32', 2: 'uint8', 6: 'int32', 7: 'int64', 10: 'float16', 11: 'float64' },
};

const wholeTypes: ReadonlySet<OnnxFileInput['type']> = new Set(['uint8', 'int32', 'int64']);

/**
 * Random pixels for each input, or rows of the table in which it is looked up; null where an input has a type
 * that is not made here.
 *
 * @param seed of the random numbers.
 * @param brightest the largest pixel of an input that takes fractions.
 */
export function randomInputs(
  inputs: readonly SizedInput[],
  seed = 1,
  brightest = 1,
): Map<string, OnnxFileInput> | null {
  const random = createRandom(seed);
  return makeInputs(inputs, (isWhole, rows = 256) =>
    isWhole ? Math.floor(rows * random()) : brightest * random(),
  );
}

/** Zeros for each input; null where an input has a type that is not made here. */
export function zeroInputs(inputs: readonly SizedInput[]): Map<string, OnnxFileInput> | null {
  return makeInputs(inputs, () => 0);
}

function makeInputs(
  inputs: readonly SizedInput[],
  next: (isWhole: boolean, rows: number | undefined) => number,
): Map<string, OnnxFileInput> | null {
  const made = new Map<string, OnnxFileInput>();
  for (const { name, type: number, shape, rows } of inputs) {
    const type = inputTypes[number];
    if (type === undefined) return null;
    const isWhole = wholeTypes.has(type);
    const data = Float32Array.from({ length: countElements(shape) }, () => next(isWhole, rows));
    made.set(name, { shape, data, type });
  }
  return made;
}
