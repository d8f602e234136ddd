import type { NdArray } from '../../../src/base/nd-array.ts';
import type { Session } from '../../../src/engines/port/engine.ts';
import type { Seed } from '../../../src/engines/port/seed.ts';
import { readNetwork } from '../../../src/readers/layers-model/read-network.ts';
import { createEngine, type EngineName } from '../../helper/engines.ts';
import { decodeArray, readFixture, type StoredArray } from '../../helper/fixture.ts';
import { functionalModel, input, layer, type TestModel } from '../../helper/keras-model.ts';

/** The oracle's nets: all cells, or their mean, into one linear layer. */
export const tinyHeads = ['flat', 'mean'] as const;

type WeightsAndMap = Readonly<Record<'weights' | 'map', StoredArray>>;
type NoiseOptions = Readonly<Record<'samples' | 'noise' | 'seed', number>>;

/** What `tools/oracles/black_box_cases.py` writes. */
export interface TinyFixture {
  readonly net: { readonly head: (typeof tinyHeads)[number] } & Readonly<
    Record<'kernel' | 'bias' | 'dense' | 'offset', StoredArray>
  >;
  readonly input: StoredArray;
  readonly logits: StoredArray;
  readonly activations: StoredArray;
  readonly classes: readonly [number, number];
  readonly occlusion: {
    readonly patch: readonly [number, number];
    readonly stride: readonly [number, number];
    readonly baseline: readonly number[];
    readonly maps: readonly StoredArray[];
    readonly clamped: StoredArray;
  };
  readonly rise: {
    readonly options: Readonly<Record<'masks' | 'cells' | 'probability' | 'seed', number>>;
    readonly baseline: number;
    readonly first: StoredArray;
    readonly coverage: readonly StoredArray[];
    readonly paper: readonly StoredArray[];
  };
  readonly scoreCam: {
    readonly baseline: number;
    readonly order: readonly number[];
    readonly weightings: readonly Readonly<Record<string, WeightsAndMap>>[];
  };
  readonly ablationCam: {
    readonly logit: readonly (WeightsAndMap & { readonly score: number })[];
    readonly not: WeightsAndMap & { readonly score: number };
    readonly probability: WeightsAndMap & { readonly score: number };
  };
  readonly smoothGrad: {
    readonly options: NoiseOptions;
    readonly first: StoredArray;
    readonly results: readonly Readonly<Record<'mean' | 'squared' | 'variance', StoredArray>>[];
  };
  readonly smoothGradCamPlusPlus: {
    readonly options: NoiseOptions;
    readonly results: readonly WeightsAndMap[];
  };
  readonly integratedGradients: {
    readonly steps: number;
    readonly baseline: readonly number[];
    readonly results: readonly Readonly<
      Record<string, { readonly map: StoredArray; readonly error: number }>
    >[];
  };
}

export interface TinyNet {
  readonly expected: TinyFixture;
  readonly input: NdArray;
  /** The oracle's: a class, and that class rather than another. */
  readonly seeds: readonly [Seed, Seed];
  readonly session: Session;
}

/** Opens one of the oracle's nets: layers `conv` and `relu`, then the head. */
export async function openTinyNet(
  head: (typeof tinyHeads)[number],
  engine: EngineName,
): Promise<TinyNet> {
  const expected = readFixture<TinyFixture>(`black-box/${head}.json`);
  const { kernel, bias, dense, offset } = expected.net;
  const model = functionalModel([
    input('image', 7, 6, 2),
    layer(
      'Conv2D',
      'conv',
      { filters: 4, kernel_size: [3, 3] },
      { kernel: decodeArray(kernel), bias: decodeArray(bias) },
    ),
    layer('ReLU', 'relu'),
    head === 'mean' ? layer('GlobalAveragePooling2D', 'pool') : layer('Flatten', 'flat'),
    layer(
      'Dense',
      'predictions',
      { units: 3, activation: 'softmax' },
      { kernel: decodeArray(dense), bias: decodeArray(offset) },
    ),
  ]);
  const [first, last] = expected.classes;
  return {
    expected,
    input: decodeArray(expected.input),
    seeds: [
      { score: 'logit', of: { class: first } },
      { score: 'logit', of: { contrast: [first, last] } },
    ],
    session: await openModel(model, engine),
  };
}

export async function openModel(model: TestModel, engine: EngineName = 'cpu'): Promise<Session> {
  const { topology, specs, weights } = model;
  return (await createEngine(engine)).open(readNetwork(topology, specs), weights);
}
