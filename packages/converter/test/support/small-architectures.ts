import { createMobileNetV1 } from '../../src/architectures/mobilenet-v1.ts';
import { createResNetV1 } from '../../src/architectures/resnet-v1.ts';
import { createResNetV2 } from '../../src/architectures/resnet-v2.ts';
import type { Architecture, InputSpec } from '../../src/architectures/architecture.ts';
import { createVgg } from '../../src/architectures/vgg.ts';

interface OracleResNet {
  readonly rootChannels: number;
  readonly blocks: { name: string; baseDepth: number; units: number; stride: number }[];
  readonly batchNormEpsilon: number;
}

/** `architecture` of the oracle's `*.expected.json`. */
export type OracleArchitecture = {
  readonly scope: string;
  readonly classes: number;
  readonly input: {
    readonly height: number;
    readonly width: number;
    readonly channelOrder: 'rgb' | 'bgr';
    readonly scale: number;
    readonly mean: number[];
    readonly std: number[];
  };
} & (
  | ({ readonly family: 'resnet_v1' } & OracleResNet)
  | ({ readonly family: 'resnet_v2' } & OracleResNet)
  | { readonly family: 'mobilenet_v1'; readonly multiplier: number }
  | {
      readonly family: 'vgg';
      readonly form: 'npy' | 'slim';
      readonly stages: { channels: number; repeats: number }[];
      readonly hidden: number;
    }
);

/** What the oracle wrote about a small net: TensorFlow's own results. */
export interface OracleExpectation {
  readonly architecture: OracleArchitecture;
  readonly image: { readonly shape: number[]; readonly uint8: string };
  readonly logits: { readonly shape: number[]; readonly float32: string };
  readonly activations: Readonly<Record<string, { readonly float32: string }>>;
}

/** The oracle's small net through the tables of the big ones. */
export function createSmallArchitecture(oracle: OracleArchitecture): Architecture {
  const { scope, classes } = oracle;
  const input: InputSpec = {
    ...oracle.input,
    fit: 'crop',
    cropFraction: 1,
    resize: 'bilinear-antialias',
    pad: [0, 0, 0],
  };
  const common = { id: 'small', title: 'small', scope, classes, labels: 'none' } as const;
  if (oracle.family === 'resnet_v1') return createResNetV1({ ...common, ...oracle, input });
  if (oracle.family === 'resnet_v2') return createResNetV2({ ...common, ...oracle, input });
  if (oracle.family === 'mobilenet_v1') {
    return createMobileNetV1({ ...common, input, multiplier: oracle.multiplier });
  }
  return createVgg({
    ...common,
    size: oracle.input.height,
    stages: oracle.stages.map(({ channels, repeats }) => Array(repeats).fill(channels)),
    hidden: [oracle.hidden, oracle.hidden],
    prefer: oracle.form === 'npy' ? 'tensorflow-vgg' : 'tf-slim',
    cropFraction: { 'tensorflow-vgg': 1, 'tf-slim': 1 },
  });
}
