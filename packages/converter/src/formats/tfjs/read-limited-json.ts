import { FormatError, LimitError } from '../../errors.ts';
import { measureJson } from '../../bytes/json-extent.ts';
import { MAX_JSON_DEPTH, MAX_JSON_VALUES, MAX_MODEL_JSON_BYTES } from '../../bytes/limits.ts';
import type { RandomAccessSource } from '../../bytes/source.ts';

const FORMAT = 'tfjs-layers';

/**
 * Reads a JSON file. Its bytes, its nesting and its number of values are checked before it is parsed.
 *
 * @throws FormatError, LimitError
 */
export async function readLimitedJson(source: RandomAccessSource): Promise<unknown> {
  const { byteLength, name } = source;
  if (byteLength > MAX_MODEL_JSON_BYTES) {
    throw new LimitError(`${name} in bytes`, MAX_MODEL_JSON_BYTES, byteLength);
  }
  const text = await source.read(0, byteLength);
  const { depth, values } = measureJson(text);
  if (depth > MAX_JSON_DEPTH) throw new LimitError(`nesting of ${name}`, MAX_JSON_DEPTH, depth);
  if (values > MAX_JSON_VALUES) throw new LimitError(`values in ${name}`, MAX_JSON_VALUES, values);
  try {
    return JSON.parse(new TextDecoder().decode(text));
  } catch (cause) {
    throw new FormatError(
      FORMAT,
      `${name}: expected JSON, found something else; the file may be truncated`,
      undefined,
      { cause },
    );
  }
}
