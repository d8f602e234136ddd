import { createNdArray, type NdArray } from '../../src/base/nd-array.ts';
import type { Engine } from '../../src/engines/port/engine.ts';
import type { RgbImage } from '../../src/image/rgb-image.ts';
import { loadModel, type Model } from '../../src/model/model.ts';
import { functionalModel } from '../helper/keras-model.ts';
import { filesOf } from '../helper/model-files.ts';

/** Base64 of little-endian float32, C order. */
interface StoredArray {
  readonly shape: readonly number[];
  readonly float32: string;
}

/** The raw map of one method that the oracle computed in float64. */
interface StoredMap {
  readonly method: string;
  /** Null for a method without a layer. */
  readonly layer: string | null;
  readonly target: string;
  /** What the error of a cell is relative to. */
  readonly scale: number;
  readonly raw: StoredArray;
  readonly completenessError?: number;
}

/** A net and a picture with what PyTorch says of them; see `fixtures/methods/PROVENANCE.md`. */
export interface MethodCase {
  readonly net: {
    readonly head: string;
    readonly layers: readonly {
      readonly name: string;
      readonly className: string;
      readonly config: Readonly<Record<string, unknown>>;
      readonly inputs: readonly string[];
      readonly weights: Readonly<Record<string, StoredArray>>;
    }[];
  };
  readonly input: {
    readonly scale: number;
    readonly mean: readonly number[];
    readonly std: readonly number[];
    readonly order: 'rgb' | 'bgr';
  };
  readonly picture: { readonly width: number; readonly height: number; readonly pixels: string };
  /** Budget of the methods of many runs. */
  readonly runs: number;
  readonly layers: readonly string[];
  readonly targets: readonly string[];
  readonly logits: StoredArray;
  readonly maps: readonly StoredMap[];
  /** Raw maps of other libraries, their methods as `peer/method`. */
  readonly peers: readonly StoredMap[];
}

export function decodeStored({ shape, float32 }: StoredArray): NdArray {
  return createNdArray(shape, new Float32Array(decodeBase64(float32).buffer));
}

export function pictureOf({ picture }: MethodCase): RgbImage {
  const { width, height, pixels } = picture;
  return { width, height, channels: 3, data: decodeBase64(pixels) };
}

/** Loads the case's net on an engine, runs `use` with it, and frees it whatever happens. */
export async function withModel<T>(
  engine: Engine,
  methodCase: MethodCase,
  use: (model: Model) => Promise<T>,
): Promise<T> {
  const { scale, mean, std, order } = methodCase.input;
  const layers = methodCase.net.layers.map((layer) => ({
    ...layer,
    weights: Object.fromEntries(
      Object.entries(layer.weights).map(([part, values]) => [part, decodeStored(values)]),
    ),
  }));
  const model = await loadModel(filesOf(functionalModel(layers)), {
    engine,
    // The range -1..1 is the scale 1 / 127.5 and the mean 1.
    ...(scale === 1 ? { mean, std } : { inputRange: '-1..1' as const }),
    channelOrder: order,
    fit: 'squash',
  });
  try {
    return await use(model);
  } finally {
    model.dispose();
  }
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
