import { isConverterError } from '../../errors.ts';
import { isObject, parseConfig, type Json } from './json.ts';

/** The classes of whole models. Keras 1 also called a functional model `Model`. */
const MODELS = new Set(['Sequential', 'Functional', 'Model']);

/** Whether a text is the architecture of a Keras model alone, as `model.to_json()` writes it. */
export function isKerasArchitecture(text: string): boolean {
  // Most other files are told apart before they are parsed.
  if (!text.includes('"class_name"')) return false;
  try {
    return isModel(parseConfig(text, 'the file'));
  } catch (error) {
    if (isConverterError(error)) return false;
    throw error;
  }
}

function isModel(json: Json): boolean {
  const { class_name: name, config } = json;
  return (
    typeof name === 'string' && MODELS.has(name) && (isObject(config) || Array.isArray(config))
  );
}
