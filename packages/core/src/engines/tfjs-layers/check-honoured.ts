import type * as tfl from '@tensorflow/tfjs-layers';
import { GradcamError } from '../../base/errors.ts';
import { isWithoutEffect } from '../../readers/layers-model/layer-attributes.ts';
import { toCamelCase } from './layer-config.ts';

type Config = Readonly<Record<string, unknown>>;

/** Attributes that tfjs-layers does not have, with the value at which they have no effect. */
const neutral: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['data_format', 'channels_last'],
  ['groups', 1],
  ['threshold', 0],
  ['negative_slope', 0],
]);

/** Keys next to a wrapped layer's configuration that do not change what the layer computes. */
const serialisation: ReadonlySet<string> = new Set([
  'module',
  'class_name',
  'registered_name',
  'build_config',
  'input_length',
  // Matters for masked steps only; the reader of the network checks it there.
  'zero_output_for_mask',
]);

/** Keys that `toTfjsConfig` leaves out, because only training reads them. */
const leftOut = /_(initializer|regularizer|constraint)$|^(recurrent_)?dropout$/;

/**
 * Checks that a layer of tfjs-layers took over every attribute that the model states. tfjs-layers ignores
 * attributes that it does not know and would silently compute something else.
 *
 * @throws GradcamError `unsupported` that names the attribute.
 */
export function checkHonoured(
  layer: string,
  config: Config,
  built: tfl.layers.Layer,
  keras3: boolean,
): void {
  compare(layer, config, built.getConfig(), keras3);
}

function compare(layer: string, given: Config, taken: Config, keras3: boolean): void {
  for (const [key, value] of Object.entries(given)) {
    if (keras3 && (value === 'hard_sigmoid' || value === 'hard_silu')) {
      fail(layer, key, value, 'which has another slope in Keras 3 than in tfjs-layers');
    }
    if (isWithoutEffect(key, value) || serialisation.has(key) || leftOut.test(key)) continue;
    const inner = taken[toCamelCase(key)];
    if (isObject(value) && isObject(inner)) {
      compare(`${layer}, ${key}`, value, inner, keras3);
      continue;
    }
    if (inner !== undefined || (key === 'backward_layer' && isMirrored(given))) continue;
    if (neutral.has(key) && neutral.get(key) === value) continue;
    fail(layer, key, value, 'which tfjs-layers would ignore');
  }
}

/** Whether the backward layer of a Bidirectional mirrors the forward one, as tfjs-layers always builds it. */
function isMirrored(config: Config): boolean {
  const essence = (layer: unknown): string => {
    const own = isObject(layer) && isObject(layer['config']) ? layer['config'] : {};
    return JSON.stringify({ ...own, name: null, go_backwards: null });
  };
  return essence(config['layer']) === essence(config['backward_layer']);
}

function isObject(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fail(layer: string, key: string, value: unknown, why: string): never {
  throw new GradcamError(
    'unsupported',
    `layer ${layer}: attribute ${key} is ${JSON.stringify(value).slice(0, 80)}, ${why}`,
  );
}
