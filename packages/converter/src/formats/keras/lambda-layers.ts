import { readAffineCode, type Affine } from './lambda-bytecode.ts';
import { isObject, type Json } from './json.ts';

/**
 * Replaces every Lambda layer that only scales and shifts by a Rescaling, which says the same. Other ones
 * stay, and are refused where the model is explained.
 */
export function replaceLambdas(model: Json): { readonly model: Json; readonly notes: string[] } {
  const notes: string[] = [];
  return { model: replaceIn(model, notes) as Json, notes };
}

function replaceIn(value: unknown, notes: string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => replaceIn(item, notes));
  if (!isObject(value)) return value;
  const { class_name: className, config } = value;
  if (className === 'Lambda' && isObject(config)) return replaceLambda(value, config, notes);
  // Layers stand in the configurations of models, and nowhere else.
  if (isObject(config)) {
    const { layers } = config;
    if (!Array.isArray(layers)) return value;
    return { ...value, config: { ...config, layers: replaceIn(layers, notes) } };
  }
  return Array.isArray(config) ? { ...value, config: replaceIn(config, notes) } : value;
}

/** What a Rescaling has from the layer in whose place it stands. */
const KEPT = ['name', 'trainable', 'dtype', 'batch_input_shape', 'batch_shape', 'input_shape'];

function replaceLambda(record: Json, config: Json, notes: string[]): Json {
  const found = readFunction(config);
  if (found === null) return record;
  const kept = Object.entries(config).filter(([key]) => KEPT.includes(key));
  const { scale, offset } = found;
  const shift = offset === 0 ? '' : offset < 0 ? ` - ${-offset}` : ` + ${offset}`;
  notes.push(
    `layer ${String(config['name'])} (Lambda) is read as Rescaling, since its Python bytecode computes x * ${scale}${shift}; nothing was executed`,
  );
  return {
    ...record,
    class_name: 'Rescaling',
    config: { ...Object.fromEntries(kept), scale, offset },
  };
}

/** Code, defaults and closure: a list until Keras 2.12, an object since. A function by its name is a text. */
function readFunction(config: Json): Affine | null {
  const stored = config['function'];
  const inner = isObject(stored) && isObject(stored['config']) ? stored['config'] : undefined;
  const [code, defaults, closure] = Array.isArray(stored)
    ? (stored as unknown[])
    : [inner?.['code'], inner?.['defaults'], inner?.['closure']];
  const given = config['arguments'];
  const isPlain =
    (defaults ?? null) === null &&
    (closure ?? null) === null &&
    (!isObject(given) || Object.keys(given).length === 0);
  if (typeof code !== 'string' || !isPlain) return null;
  const bytes = decode(code);
  return bytes === null ? null : readAffineCode(bytes);
}

/** Base64 since Keras 2.0.9. Before, each character stood for a byte. */
function decode(text: string): Uint8Array | null {
  if (/^[A-Za-z0-9+/\s]+=*\s*$/.test(text)) {
    const packed = atob(text.replace(/\s/g, ''));
    return Uint8Array.from(packed, (character) => character.charCodeAt(0));
  }
  const bytes = Array.from(text, (character) => character.charCodeAt(0));
  return bytes.every((byte) => byte < 256) ? Uint8Array.from(bytes) : null;
}
