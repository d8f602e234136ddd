import { measureJson } from '../../bytes/json-extent.ts';
import { MAX_JSON_DEPTH, MAX_JSON_VALUES } from '../../bytes/limits.ts';
import { FormatError, LimitError } from '../../errors.ts';

/** The name of the format in errors. */
export const KERAS = 'Keras';

/** An object of a configuration. */
export type Json = Readonly<Record<string, unknown>>;

/** Whether a value is an object that is no list. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Parses the configuration of a model.
 *
 * @param where what the text is, in errors.
 * @throws FormatError, LimitError (levels and values, counted before anything is parsed)
 */
export function parseConfig(text: string, where: string): Json {
  const { depth, values } = measureJson(new TextEncoder().encode(text));
  if (depth > MAX_JSON_DEPTH) throw new LimitError(`nesting of ${where}`, MAX_JSON_DEPTH, depth);
  if (values > MAX_JSON_VALUES) throw new LimitError(`values in ${where}`, MAX_JSON_VALUES, values);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(KERAS, `${where}: expected JSON, found something else`, undefined, {
      cause,
    });
  }
  if (!isObject(json))
    throw new FormatError(KERAS, `${where}: expected an object, found something else`);
  return json;
}
