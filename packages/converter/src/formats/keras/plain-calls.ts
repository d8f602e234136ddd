import { isObject, type Json } from './json.ts';
import type { KerasLayer } from './layer-tree.ts';

/** Writes the calls between the layers of one model as Keras 2 does. */
export interface PlainCalls {
  /** Writes `input_layers` or `output_layers`: `[[layer, call, output], ..]`. */
  writeEnds(value: unknown): unknown;
  /**
   * Writes one call: `[[layer, call, output, {}], ..]`. A call of Keras 3 with other arguments than values
   * stays as it is, an object.
   */
  writeCall(call: unknown): unknown;
}

/** A value: one output of one call of a layer. */
type Source = [layer: string, call: number, output: number];

/**
 * Creates the writer of a model's calls.
 *
 * Keras 2 and tfjs count the creation of a nested model as its first call, Keras 3 does not. So where the
 * calls of a nested model are counted from 0, they are counted from 1 instead.
 */
export function createPlainCalls(model: KerasLayer): PlainCalls {
  const nested = new Set(
    (model.layers ?? []).filter(({ layers }) => layers !== null).map(({ name }) => name),
  );
  const fromZero = new Set<string>();
  forEachSource(
    [
      model.config['input_layers'],
      model.config['output_layers'],
      (model.layers ?? []).map(({ record }) => record['inbound_nodes']),
    ],
    ([layer, call]) => {
      if (nested.has(layer) && call === 0) fromZero.add(layer);
    },
  );
  const shift = ([layer, call, output]: Source): Source => [
    layer,
    fromZero.has(layer) ? call + 1 : call,
    output,
  ];

  const writeEnds = (value: unknown): unknown => {
    if (isSource(value)) return [shift(value)];
    // Keras 3 writes an object by name for a model that takes or gives a dictionary.
    const list: unknown[] = isObject(value)
      ? Object.values(value)
      : Array.isArray(value)
        ? value
        : [];
    return list.flatMap((one) => (isSource(one) ? [shift(one)] : (writeEnds(one) as unknown[])));
  };

  /** Replaces the sources in a call that stays in the words of Keras 3, or that Keras 2 wrote. */
  const shiftAll = (value: unknown): unknown => {
    if (isSource(value)) return [...shift(value), ...value.slice(3)];
    if (Array.isArray(value)) return value.map(shiftAll);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shiftAll(one)]));
  };

  return {
    writeEnds,
    writeCall(call) {
      if (fromZero.size === 0 && Array.isArray(call)) return call;
      const sources = isObject(call) ? plainSources(call) : null;
      return sources === null ? shiftAll(call) : sources.map((source) => [...shift(source), {}]);
    },
  };
}

/**
 * The values that a call of Keras 3 takes, if these are all that it takes: one value, one list of values,
 * or several values one after the other. Arguments that are null or false are the defaults of every layer.
 */
function plainSources({ args, kwargs }: Json): Source[] | null {
  if (!Array.isArray(args)) return null;
  const options = isObject(kwargs) ? Object.values(kwargs) : [];
  if (options.some((value) => value !== null && value !== false)) return null;
  const list: unknown[] =
    args.length === 1 && Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  const sources = list.map(sourceOf);
  return sources.length > 0 && sources.every((source) => source !== null) ? sources : null;
}

function sourceOf(value: unknown): Source | null {
  if (!isObject(value) || value['class_name'] !== '__keras_tensor__') return null;
  const history = isObject(value['config']) ? value['config']['keras_history'] : null;
  return isSource(history) ? history : null;
}

function isSource(value: unknown): value is Source {
  if (!Array.isArray(value) || value.length < 3 || value.length > 4) return false;
  const [layer, call, output] = value as unknown[];
  return typeof layer === 'string' && Number.isSafeInteger(call) && Number.isSafeInteger(output);
}

/** Visits all sources in a part of a configuration. */
function forEachSource(value: unknown, visit: (source: Source) => void): void {
  if (isSource(value)) visit(value);
  else if (Array.isArray(value)) for (const one of value) forEachSource(one, visit);
  else if (isObject(value)) for (const one of Object.values(value)) forEachSource(one, visit);
}
