import { classOfGru } from './reset-after-gru.ts';

/** A layer's configuration as `fromConfig` of tfjs-layers takes it. */
export type TfjsConfig = Record<string, unknown>;

/** Keys whose values are names, which keep their spelling. */
const names: ReadonlySet<string> = new Set([
  'name',
  'class_name',
  'inbound_nodes',
  'input_layers',
  'output_layers',
]);

/**
 * Respells a configuration of Keras (snake case, Keras 3's objects for dtypes) for tfjs-layers.
 *
 * @param lean leaves out what inference does not need: initialisers, because all weights are set anyway and
 *   an orthogonal initialiser takes seconds; regularisers and constraints; and dropout, whose masks tfjs
 *   keeps as tensors after every call although it does not apply them.
 */
export function toTfjsConfig(config: Readonly<Record<string, unknown>>, lean: boolean): TfjsConfig {
  const convert = (value: unknown): unknown => {
    if (typeof value === 'string') return toCamelCase(value);
    if (Array.isArray(value)) return value.map(convert);
    if (typeof value === 'object' && value !== null) return toTfjsConfig(value as TfjsConfig, lean);
    return value;
  };
  const converted: TfjsConfig = {};
  for (const [key, value] of Object.entries(config)) {
    if (key === 'dtype' && typeof value === 'object') continue;
    if (lean && /_(regularizer|constraint)$|^(recurrent_)?dropout$/.test(key)) continue;
    if (key === 'class_name') {
      // The attributes of a wrapped layer stand next to its class name.
      const inner = config['config'] as Readonly<Record<string, unknown>> | undefined;
      converted['className'] = classOfGru(String(value), inner?.['reset_after']);
      continue;
    }
    const isInitializer = lean && key.endsWith('_initializer');
    const spelled = names.has(key) ? value : convert(value);
    converted[toCamelCase(key)] = isInitializer ? 'zeros' : spelled;
  }
  return converted;
}

/** Turns `return_sequences` into `returnSequences`, as tfjs-layers spells attributes and activations. */
export function toCamelCase(name: string): string {
  return name.replace(/(?!^)_+(\w|$)/g, (_, next: string) => next.toUpperCase());
}
