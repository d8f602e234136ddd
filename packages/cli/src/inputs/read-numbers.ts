import {
  createMemorySource,
  isConverterError,
  readFloat32Chunks,
  readNpy,
} from '@gradcam/converter';
import type { NdArray } from '@gradcam/core';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { readText } from './read-text.ts';

/** Levels of a nested list: a batch, and the axes of any input. */
const MAX_LEVELS = 8;

/**
 * Most bytes of JSON for a number, with blanks and brackets; beside them 1 MiB, for whatever else
 * stands there.
 */
const JSON_BYTES = 64;

/** Numbers from a file, with the shape that they have there. */
interface FoundNumbers {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * Reads the values of an input from a `.json` or `.npy` file: nested lists or an array of the
 * input's shape, with a batch axis of one or without, or all its numbers in one list.
 *
 * @param shape of the input, without the batch axis; a picture's is [height, width, channels].
 * @param what begins the error: the flag and the file.
 * @returns [1, ..shape]
 * @throws CommandError 66 for what cannot be read, 65 for what holds no such numbers, naming both shapes.
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
 * Axes of one element do not count; a picture may stand with its channels first, as its model may
 * take it.
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
    // Before memory is taken for what a few bytes of header may claim.
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

/** Lists of one length at each level, with numbers in the last; true and false are 1 and 0. */
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
