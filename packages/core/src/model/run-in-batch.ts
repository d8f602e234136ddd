import { countElements, type NdArray } from '../base/nd-array.ts';
import type { OnnxFileInput } from '../engines/port/engine.ts';

type Inputs = ReadonlyMap<string, OnnxFileInput>;
type Values = ReadonlyMap<string, NdArray>;

/** What two runs of one picture may differ by, as a share of the range, where nothing is mixed. */
const SAME = 1e-5;

/**
 * Runs a file that takes batches of one size only, with a picture first and others behind it: once with
 * zeros, and once with the picture reversed and brighter.
 *
 * @returns the values of the first picture; null where they change with the others, or have no batch axis.
 */
export async function runInBatch(
  run: (inputs: Inputs) => Promise<Values>,
  inputs: Inputs,
  items: number,
): Promise<Values | null> {
  const zeros = firstOf(await run(fill(inputs, items, () => 0)), items);
  const others = firstOf(await run(fill(inputs, items, (value) => 1.5 * value)), items);
  if (zeros === null || others === null) return null;
  for (const [name, { data }] of zeros) {
    const other = others.get(name)!.data;
    let [range, error] = [0, 0];
    for (let i = 0; i < data.length; i++) {
      range = Math.max(range, Math.abs(data[i]!));
      error = Math.max(error, Math.abs(data[i]! - other[i]!));
    }
    if (!(error <= SAME * range)) return null;
  }
  return zeros;
}

function fill(inputs: Inputs, items: number, change: (value: number) => number): Inputs {
  return new Map(
    [...inputs].map(([name, input]) => {
      const size = countElements(input.shape);
      const data = new Float32Array(items * size);
      data.set(input.data);
      const reversed = Float32Array.from(input.data).reverse().map(change);
      for (let item = 1; item < items; item++) data.set(reversed, item * size);
      return [name, { ...input, shape: [items, ...input.shape.slice(1)], data }];
    }),
  );
}

function firstOf(values: Values, items: number): Values | null {
  const first = new Map<string, NdArray>();
  for (const [name, { shape, data }] of values) {
    if (shape[0] === undefined || shape[0] % items !== 0) return null;
    const length = data.length / items;
    first.set(name, {
      shape: [shape[0] / items, ...shape.slice(1)],
      data: data.slice(0, length),
    });
  }
  return first;
}
