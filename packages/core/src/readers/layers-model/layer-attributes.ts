import { GradcamError } from '../../base/errors.ts';

/** Attributes that only training or serialisation uses. They never change an inference. */
const withoutEffect: ReadonlySet<string> = new Set([
  'name',
  'trainable',
  'dtype',
  'batch_input_shape',
  'batch_shape',
  'batchInputShape',
  'input_shape',
  'inputShape',
  'input_dim',
  'input_length',
  'input_dtype',
  'sparse',
  'ragged',
  'optional',
  'seed',
  'rng_type',
  'force_generator',
  'autocast',
  'fused',
  'virtual_batch_size',
  'noise_shape',
  'rate',
  'momentum',
  'synchronized',
  'renorm',
  'renorm_clipping',
  'renorm_momentum',
  'kernel_initializer',
  'bias_initializer',
  'depthwise_initializer',
  'pointwise_initializer',
  'alpha_initializer',
  'beta_initializer',
  'gamma_initializer',
  'moving_mean_initializer',
  'moving_variance_initializer',
  'recurrent_initializer',
  'kernel_regularizer',
  'bias_regularizer',
  'depthwise_regularizer',
  'pointwise_regularizer',
  'alpha_regularizer',
  'beta_regularizer',
  'gamma_regularizer',
  'activity_regularizer',
  'recurrent_regularizer',
  'kernel_constraint',
  'bias_constraint',
  'recurrent_constraint',
  'depthwise_constraint',
  'pointwise_constraint',
  'alpha_constraint',
  'beta_constraint',
  'gamma_constraint',
]);

/**
 * Whether an attribute cannot change an inference: it is known to have no effect, absent, or switched
 * off.
 */
export function isWithoutEffect(name: string, value: unknown): boolean {
  return withoutEffect.has(name) || value === null || value === undefined || value === false;
}

/** Largest window, stride, dilation or factor. Images have at most 16,384 pixels on a side. */
const MAX_PAIR = 65_536;

/**
 * Reads the configuration of a layer and remembers what was read, so that nothing is ignored silently.
 */
export interface LayerAttributes {
  number(name: string, fallback?: number): number;
  flag(name: string, fallback: boolean): boolean;
  /** One or two numbers from 1 to 65536: `3` means `[3, 3]`. */
  pair(name: string, fallback?: readonly [number, number]): [number, number];
  text(name: string, fallback?: string): string;
  /** The value as the JSON has it; undefined where it is absent. */
  raw(name: string): unknown;
  /** @throws GradcamError `unsupported` when an attribute that nobody read has a value that matters. */
  finish(): void;
  /** @throws GradcamError `unsupported` naming the layer, the attribute and its value. */
  refuse(name: string, expected: string): never;
}

/**
 * Wraps the `config` of one layer.
 *
 * @param layer the name of the layer in errors.
 */
export function readLayerAttributes(
  layer: string,
  config: Readonly<Record<string, unknown>>,
): LayerAttributes {
  const read = new Set<string>();
  checkDataFormat(layer, config['data_format']);
  const take = (name: string): unknown => {
    read.add(name);
    return config[name] ?? undefined;
  };
  const refuse = (name: string, expected: string): never => {
    throw new GradcamError(
      'unsupported',
      `layer ${layer}: attribute ${name} is ${JSON.stringify(config[name])}, expected ${expected}`,
    );
  };

  return {
    raw: take,
    refuse,
    number(name, fallback) {
      const value = take(name) ?? fallback;
      if (typeof value !== 'number' || !Number.isFinite(value)) return refuse(name, 'a number');
      return value;
    },
    flag(name, fallback) {
      const value = take(name) ?? fallback;
      if (typeof value !== 'boolean') return refuse(name, 'true or false');
      return value;
    },
    text(name, fallback) {
      const value = take(name) ?? fallback;
      if (typeof value !== 'string') return refuse(name, 'a text');
      return value;
    },
    pair(name, fallback) {
      const value = take(name) ?? fallback;
      const list: readonly unknown[] = Array.isArray(value) ? value : [value];
      const isSize = (n: unknown): n is number =>
        Number.isInteger(n) && (n as number) >= 1 && (n as number) <= MAX_PAIR;
      const [first, second = first] = list;
      return list.length <= 2 && isSize(first) && isSize(second)
        ? [first, second]
        : refuse(name, `one or two integers from 1 to ${MAX_PAIR}`);
    },
    finish() {
      for (const [name, value] of Object.entries(config)) {
        if (read.has(name) || name === 'data_format' || isWithoutEffect(name, value)) continue;
        throw new GradcamError(
          'unsupported',
          `layer ${layer}: attribute ${name} with value ${JSON.stringify(value)} is not supported, and ignoring it could change the result`,
        );
      }
    },
  };
}

/** Checks the position of the channels for every layer, so that no reader can forget it. */
function checkDataFormat(layer: string, format: unknown): void {
  // Keras 1 and 2 could leave the position to a setting of the machine, which was channels_last by
  // default.
  const known = [undefined, null, 'channels_last', 'channelsLast', 'default'];
  if (known.includes(format as string | null | undefined)) return;
  throw new GradcamError(
    'unsupported',
    `layer ${layer}: attribute data_format is ${JSON.stringify(format)}, expected "channels_last": channels first are read only where a layer takes images and its activation treats each number alike; build the model with channels last and copy its weights, whose kernels are the same`,
  );
}
