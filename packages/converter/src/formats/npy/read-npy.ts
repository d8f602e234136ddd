import { FormatError } from '../../errors.ts';
import { sliceSource, type RandomAccessSource } from '../../bytes/source.ts';
import { readArrayChunks } from '../../tensors/array-chunks.ts';
import { formatShape, measureTensor, type WeightFile } from '../../tensors/stored-tensor.ts';
import { readPickledTensors } from '../pickle/collect-tensors.ts';
import { readNpyHeader } from './header.ts';

/**
 * Reads a `.npy`: one numeric array (named after the file), or the arrays inside a pickled object.
 *
 * @throws FormatError, UnsupportedError, LimitError
 */
export async function readNpy(source: RandomAccessSource): Promise<WeightFile> {
  const { type, shape, fortranOrder, dataOffset } = await readNpyHeader(source);
  const data = sliceSource(source, dataOffset, source.byteLength - dataOffset);
  if (type.dtype === 'object') {
    return { format: 'npy-pickle', ...(await readPickledTensors(data)) };
  }
  const { dtype } = type;
  const name = source.name.replace(/\.npy$/, '');
  const byteLength = measureTensor(name, dtype, shape);
  if (data.byteLength < byteLength) {
    throw new FormatError(
      'npy',
      `${source.name} is truncated: ${dtype} ${formatShape(shape)} wants ${byteLength} bytes, ${data.byteLength} are there`,
      dataOffset,
    );
  }
  const exact = sliceSource(data, 0, byteLength);
  const layout = { dtype, shape, fortranOrder, bigEndian: type.bigEndian };
  const chunks = () => readArrayChunks(exact, layout);
  return { format: 'npy', tensors: [{ name, dtype, shape, byteLength, chunks }], skipped: [] };
}
