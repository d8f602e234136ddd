import { FormatError, isConverterError } from '../errors.ts';
import type { StoredTensor } from './stored-tensor.ts';

/**
 * Runs a reader of a file. An error of ours that does not name the file gets its name: the parts of a reader
 * know the place of a fault and not always the file, and a reader of a folder does not know which it was.
 *
 * @param file the name of the file, as its source has it.
 */
export async function namingFile<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw nameFile(error, file);
  }
}

/** The tensor, whose errors name its file when its values are read. */
export function namingChunks(tensor: StoredTensor, file: string): StoredTensor {
  return {
    ...tensor,
    async *chunks() {
      try {
        yield* tensor.chunks();
      } catch (error) {
        throw nameFile(error, file);
      }
    },
  };
}

function nameFile(error: unknown, file: string): unknown {
  if (!isConverterError(error) || error.message.includes(file)) return error;
  // Messages about a format begin with its name.
  const format = error instanceof FormatError ? `${error.format}: ` : '';
  error.message = `${format}${file}: ${error.message.slice(format.length)}`;
  return error;
}
