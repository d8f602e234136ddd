import {
  createMemorySource,
  isConverterError,
  readFloat32Chunks,
  readNpy,
} from '@gradcam/converter';
import type { NdArray } from '@gradcam/core';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { readText } from './read-text.ts';

/** The most levels of a nested list: the batch and the axes of any input. */
const MAX_LEVELS = 8;

/**
 * The most bytes of JSON for one number, with blanks and brackets. A file may have 1 MiB in addition for
 * anything else in it.
 */
const JSON_BYTES = 64;

/** Numbers from a file, with the shape that the file gives them. */
interface FoundNumbers {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * Reads the values of an input from a `.json` or `.npy` file. The file has nested lists or an array of the
 * input's shape, with or without a batch axis of 1, or all the numbers in one flat list.
 *
 * @param shape the input's shape, without the batch axis; for a picture [height, width, channels].
 * @param what the flag and the file, with which the error message begins.
 * @returns [1, ..shape]
 * @throws CommandError 66 if the file cannot be read, 65 if it does not hold such numbers, naming both
 *   shapes.
 */
export async function readNumbers(
  file: string,
  shape: readonly number[],
  what: string,
): Promise<NdArray> {
  const bytes = await readText(file, what);
  const isNpy = /\.npy$/i.test(file);
  const most = count(shape);
  if (!isNpy && bytes.length > 2 ** 20 + JSON_BYTES * most) {
    throw refuse(what, `${most} numbers, found ${bytes.length} bytes of JSON`);
  }
  const found = isNpy ? await readNpyNumbers(bytes, shape, what) : readJsonNumbers(bytes, what);
  const bad = found.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw refuse(what, `numbers, found ${found.data[bad]} at place ${bad}`);
  const data = fitShape(found, shape);
  if (data !== null) return { shape: [1, ...shape], data };
  throw refuseShape(what, shape, found.shape);
}

/**
 * The values in the order of the input's shape; null if they do not fit. Axes of size 1 are ignored. A
 * picture may have its channels first, because its model may take it so.
 */
function fitShape(
  { shape: found, data }: FoundNumbers,
  shape: readonly number[],
): Float32Array | null {
  const long = (sizes: readonly number[]): string => sizes.filter((size) => size !== 1).join();
  if (long(found) === long(shape)) return data;
  const [height = 0, width = 0, channels = 0] = shape;
  const isPicture = shape.length === 3 && channels === 3;
  if (isPicture && long(found) === long([channels, height, width])) {
    return data.map((_, i) => data[(i % channels) * height * width + Math.floor(i / channels)]!);
  }
  const isFlat = found.filter((size) => size !== 1).length === 1;
  return isFlat && !isPicture && data.length === count(shape) ? data : null;
}

async function readNpyNumbers(
  bytes: Uint8Array,
  wanted: readonly number[],
  what: string,
): Promise<FoundNumbers> {
  try {
    const { tensors } = await readNpy(createMemorySource(what, bytes));
    const [tensor] = tensors;
    if (tensor === undefined || tensors.length > 1) throw refuse(what, 'one array of numbers');
    // Checked before memory is allocated, because a header of a few bytes may declare any size.
    if (count(tensor.shape) !== count(wanted)) throw refuseShape(what, wanted, tensor.shape);
    const data = new Float32Array(count(wanted));
    const target = new Uint8Array(data.buffer);
    let offset = 0;
    for await (const chunk of readFloat32Chunks(tensor)) {
      target.set(chunk, offset);
      offset += chunk.length;
    }
    return { shape: tensor.shape, data };
  } catch (cause) {
    if (!isConverterError(cause)) throw cause;
    throw new CommandError(exitCodes.badData, `${what}: ${cause.message}`, { cause });
  }
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function readJsonNumbers(bytes: Uint8Array, what: string): FoundNumbers {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new CommandError(exitCodes.badData, `${what}: expected JSON, found something else`, {
      cause,
    });
  }
  const shape: number[] = [];
  for (let at = value; Array.isArray(at); at = (at as unknown[])[0]) {
    shape.push(at.length);
    if (shape.length > MAX_LEVELS) throw refuse(what, `at most ${MAX_LEVELS} levels of lists`);
  }
  const numbers: number[] = [];
  collect(value, shape, numbers, what);
  return { shape, data: Float32Array.from(numbers) };
}

/**
 * Collects the numbers of nested lists, which must have equal lengths at each level. true and false count as
 * 1 and 0.
 */
function collect(value: unknown, shape: readonly number[], into: number[], what: string): void {
  const [size, ...inner] = shape;
  if (size === undefined) {
    if (typeof value !== 'number' && typeof value !== 'boolean') {
      throw refuse(what, `lists of numbers, found ${JSON.stringify(value)?.slice(0, 40)}`);
    }
    into.push(Number(value));
    return;
  }
  if (!Array.isArray(value) || value.length !== size) {
    const found = Array.isArray(value)
      ? `one of ${value.length}`
      : JSON.stringify(value)?.slice(0, 40);
    throw refuse(what, `lists of equal length (${size} here), found ${found}`);
  }
  for (const item of value as unknown[]) collect(item, inner, into, what);
}

function refuseShape(
  what: string,
  wanted: readonly number[],
  found: readonly number[],
): CommandError {
  return refuse(what, `shape [${wanted.join(', ')}], found [${found.join(', ')}]`);
}

function refuse(what: string, expected: string): CommandError {
  return new CommandError(exitCodes.badData, `${what}: expected ${expected}`);
}
