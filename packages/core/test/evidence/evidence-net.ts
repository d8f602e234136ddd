import type { NdArray } from '../../src/base/nd-array.ts';
import type { Session } from '../../src/engines/port/engine.ts';
import type { EngineName } from '../helper/engines.ts';
import { decodeArray, readFixture, type StoredArray } from '../helper/fixture.ts';
import { functionalModel, input, layer } from '../helper/keras-model.ts';
import { openModel } from '../methods/passes/tiny-net.ts';

interface Curve {
  readonly value: number;
  readonly counts: readonly number[];
  readonly scores: readonly number[];
}

interface Masked {
  readonly maskedScore: number;
  readonly share: number;
  readonly difference: number;
  readonly increase: number;
  readonly gain: number;
}

/** What the oracle says of one score of one input. */
interface ScoreCase {
  readonly rise: Readonly<Record<'deletion' | 'insertion', Curve>>;
  readonly xplique: Readonly<Record<'deletion' | 'insertion' | 'deletionHalf', Curve>>;
  readonly torchcam: Readonly<Record<'deletion' | 'insertion' | 'deletionToMean', Curve>>;
  readonly road: {
    readonly mostRelevant: readonly number[];
    readonly leastRelevant: readonly number[];
    readonly byPercentile: readonly (number | null)[];
  };
  readonly masked: {
    readonly score: number;
    readonly positive: Masked;
    readonly magnitude: Masked;
  };
  readonly infidelity: Readonly<
    Record<'blocks' | 'blocksScaled' | 'noise' | 'noiseScaled' | 'squares', number>
  >;
}

interface StoredCase extends Readonly<Record<'logit' | 'probability', ScoreCase>> {
  readonly kind: 'smooth' | 'half zero' | 'signed';
  readonly class: number;
  readonly input: StoredArray;
  readonly map: StoredArray;
  readonly logits: readonly number[];
  readonly sparseness: number;
  readonly complexity: number;
  readonly sensitivity: number;
}

/** What `tools/oracles/evidence_cases.py` writes. */
interface EvidenceFixture {
  readonly net: Readonly<Record<'kernel' | 'bias' | 'dense' | 'offset', StoredArray>>;
  readonly cases: readonly StoredCase[];
  readonly similarity: readonly { readonly spearman: number; readonly ssim: number }[];
  readonly blur: { readonly values: StoredArray; readonly seed: number };
  readonly bootstrap: {
    readonly values: readonly number[];
    readonly options: Readonly<Record<'resamples' | 'level' | 'seed', number>>;
    readonly mean: number;
    readonly low: number;
    readonly high: number;
  };
}

export const fixture = readFixture<EvidenceFixture>('evidence/cases.json');

/** The oracle's cases with their arrays decoded. */
export const cases: readonly (Omit<StoredCase, 'input' | 'map'> &
  Readonly<Record<'input' | 'map', NdArray>>)[] = fixture.cases.map((one) => ({
  ...one,
  input: decodeArray(one.input),
  map: decodeArray(one.map),
}));

/** Opens the oracle's net: layers `conv` and `relu`, a mean, and a linear head with a softmax. */
export function openEvidenceNet(engine: EngineName): Promise<Session> {
  const { kernel, bias, dense, offset } = fixture.net;
  const model = functionalModel([
    input('image', 16, 12, 2),
    layer(
      'Conv2D',
      'conv',
      { filters: 4, kernel_size: [3, 3] },
      { kernel: decodeArray(kernel), bias: decodeArray(bias) },
    ),
    layer('ReLU', 'relu'),
    layer('GlobalAveragePooling2D', 'pool'),
    layer(
      'Dense',
      'predictions',
      { units: 3, activation: 'softmax' },
      { kernel: decodeArray(dense), bias: decodeArray(offset) },
    ),
  ]);
  return openModel(model, engine);
}
