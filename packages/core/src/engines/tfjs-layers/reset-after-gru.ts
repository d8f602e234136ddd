import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

/**
 * The GRU that Keras 2 and 3 build by default (`reset_after`), which tfjs-layers refuses. The reset gate r
 * multiplies the recurrent product with its bias, and not the state before the product:
 *
 *     h' = z h + (1 - z) tanh(W x + b + r (U h + b'))
 *
 * Only the cell is written here. Steps, masks, directions and states are those of tfjs-layers' RNN.
 */

/** Names under which the classes are registered in tfjs, by the class in Keras. */
const registered: Readonly<Record<string, string>> = {
  GRU: 'GradcamResetAfterGRU',
  GRUCell: 'GradcamResetAfterGRUCell',
};

/**
 * The name of the class that computes a layer: the layer's own class, or the one here for a GRU with
 * `reset_after`.
 *
 * @param resetAfter the value of the attribute.
 */
export function classOfGru(className: string, resetAfter: unknown): string {
  const own = resetAfter === true ? registered[className] : undefined;
  if (own === undefined) return className;
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  if (!Object.hasOwn(classNameMap, own)) {
    for (const cls of [ResetAfterGru, ResetAfterGruCell]) {
      tf.serialization.registerClass(cls as unknown as Registered, 'Gradcam');
    }
  }
  return own;
}

type Registered = Parameters<typeof tf.serialization.registerClass>[0];

type GruConfig = tfl.GRUCellLayerArgs & Partial<tfl.RNNLayerArgs>;

/**
 * Weights: `kernel` [inputs, 3 units], `recurrent_kernel` [units, 3 units] and `bias` [2, 3 units]. The gates
 * are in the order z, r, h.
 */
class ResetAfterGruCell extends tfl.layers.RNNCell {
  static className = registered['GRUCell']!;
  readonly stateSize: number;
  readonly #config: GruConfig;
  readonly #activation: tfl.layers.Layer;
  readonly #recurrentActivation: tfl.layers.Layer;
  #kernel: tfl.LayerVariable | null = null;
  #recurrentKernel: tfl.LayerVariable | null = null;
  #bias: tfl.LayerVariable | null = null;

  constructor(config: GruConfig) {
    super(config);
    this.#config = config;
    this.stateSize = config.units;
    const { activation = 'tanh', recurrentActivation = 'sigmoid' } = config;
    this.#activation = tfl.layers.activation({ activation });
    this.#recurrentActivation = tfl.layers.activation({ activation: recurrentActivation });
  }

  override build(shape: tfl.Shape | tfl.Shape[]): void {
    const [inputs] = (Array.isArray(shape[0]) ? shape[0] : shape).slice(-1) as [number];
    const width = 3 * this.stateSize;
    const add = (name: string, sizes: number[]): tfl.LayerVariable =>
      this.addWeight(name, sizes, 'float32', tfl.initializers.zeros());
    this.#kernel = add('kernel', [inputs, width]);
    this.#recurrentKernel = add('recurrent_kernel', [this.stateSize, width]);
    if (this.#config.useBias ?? true) this.#bias = add('bias', [2, width]);
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
    return tf.tidy(() => {
      const [x, state] = inputs as [tf.Tensor2D, tf.Tensor2D];
      const [xz, xr, xh] = this.#product(x, this.#kernel!, 0);
      const [hz, hr, hh] = this.#product(state, this.#recurrentKernel!, 1);
      const update = this.#recurrentActivation.call(tf.add(xz, hz), {}) as tf.Tensor;
      const reset = this.#recurrentActivation.call(tf.add(xr, hr), {}) as tf.Tensor;
      const candidate = this.#activation.call(tf.add(xh, tf.mul(reset, hh)), {}) as tf.Tensor;
      const next = tf.add(tf.mul(update, state), tf.mul(tf.sub(1, update), candidate));
      return [next, next];
    });
  }

  /** A product with a kernel, plus its row of the bias, split into the three gates. */
  #product(x: tf.Tensor2D, kernel: tfl.LayerVariable, row: 0 | 1): [Gate, Gate, Gate] {
    const product = tf.matMul(x, kernel.read() as tf.Tensor2D);
    const width = 3 * this.stateSize;
    const sum =
      this.#bias === null
        ? product
        : tf.add(product, tf.slice(this.#bias.read(), [row, 0], [1, width]));
    return tf.split(sum, 3, 1) as [Gate, Gate, Gate];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { units, activation = 'tanh', recurrentActivation = 'sigmoid' } = this.#config;
    return {
      ...super.getConfig(),
      units,
      activation,
      recurrentActivation,
      useBias: this.#config.useBias ?? true,
      implementation: this.#config.implementation ?? 2,
      resetAfter: true,
    };
  }
}

type Gate = tf.Tensor;

class ResetAfterGru extends tfl.RNN {
  static override className = registered['GRU']!;

  constructor(config: GruConfig) {
    super({ ...config, cell: new ResetAfterGruCell(config) });
  }

  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    return new cls(config);
  }
}
