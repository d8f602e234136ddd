import { FormatError, UnsupportedError } from '../../errors.ts';
import { sliceSource, type RandomAccessSource } from '../../bytes/source.ts';
import { readArrayChunks } from '../../tensors/array-chunks.ts';
import {
  formatShape,
  measureTensor,
  type StoredTensor,
  type WeightFile,
} from '../../tensors/stored-tensor.ts';
import {
  collectPickledTensors,
  createPickleContext,
  type PickleContext,
} from '../pickle/collect-tensors.ts';
import { readNpyHeader } from './header.ts';

/**
 * Reads a `.npy` file: one numeric array, which gets the name of the file, or the arrays inside a pickled
 * object.
 *
 * @throws FormatError, UnsupportedError (text, dates, records), LimitError
 */
export async function readNpy(source: RandomAccessSource): Promise<WeightFile> {
  const context = createPickleContext();
  const { format, tensors, found } = await readNpyMember(source, context);
  if (tensors.length > 0) return { format, tensors, skipped: context.skipped.list() };
  if (format === 'npy-pickle') {
    throw new FormatError('pickle', `${source.name}: expected arrays of numbers, found ${found}`);
  }
  throw new UnsupportedError(
    found,
    `${source.name} holds ${found}, which cannot be read; only numbers and pickled objects can`,
  );
}

/** The content of a `.npy` file. */
export interface NpyMember {
  readonly format: 'npy' | 'npy-pickle';
  readonly tensors: readonly StoredTensor[];
  /** Describes the content, for messages. */
  readonly found: string;
}

/**
 * Reads one member of several in the same way as {@link readNpy}, except that a member without arrays is
 * skipped with its reason.
 */
export async function readNpyMember(
  source: RandomAccessSource,
  context: PickleContext,
): Promise<NpyMember> {
  const { type, shape, fortranOrder, dataOffset } = await readNpyHeader(source);
  const data = sliceSource(source, dataOffset, source.byteLength - dataOffset);
  if (type.dtype === 'object') {
    const { tensors, root } = await collectPickledTensors(data, context);
    return { format: 'npy-pickle', tensors, found: root };
  }
  if (type.dtype === 'other') {
    context.skipped.add('', type.title);
    return { format: 'npy', tensors: [], found: type.title };
  }
  const { dtype } = type;
  const name = source.name.replace(/\.npy$/, '');
  const byteLength = measureTensor(name, dtype, shape);
  if (data.byteLength < byteLength) {
    throw new FormatError(
      'npy',
      `${source.name} is truncated: expected ${byteLength} bytes for ${dtype} ${formatShape(shape)}, found ${data.byteLength}`,
      dataOffset,
    );
  }
  const exact = sliceSource(data, 0, byteLength);
  const layout = { dtype, shape, fortranOrder, bigEndian: type.bigEndian };
  const chunks = () => readArrayChunks(exact, layout);
  const tensor = { name, dtype, shape, byteLength, chunks };
  return { format: 'npy', tensors: [tensor], found: dtype };
}
