import { encodePng } from '@gradcam/core/node';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../run-command.ts';
import type { RawMap } from './live-page.ts';

const fixtures = path.join(root, 'packages/core/test/fixtures');

/** Small nets with what Keras and NumPy say of them, in float64. */
export const kindFolders = {
  outputs: path.join(fixtures, 'outputs'),
  inputs: path.join(fixtures, 'inputs'),
} as const;

interface Stored {
  readonly shape: readonly number[];
  readonly float32: string;
}

interface StoredExpectation {
  readonly pixels: { readonly shape: readonly [number, number, 3 | 4]; readonly uint8: string };
  /** Of the first output, before its activation. */
  readonly logits: Stored;
  readonly output?: Stored;
  readonly outputs?: Readonly<Record<string, Stored>>;
  readonly cases: Readonly<Record<string, { readonly score: number; readonly gradCam: Stored }>>;
}

/** What an oracle says of one net and one picture. */
export interface Expectation {
  readonly picture: Uint8Array;
  readonly logits: RawMap;
  readonly outputs: Readonly<Record<string, RawMap>>;
  readonly cases: readonly {
    readonly target: string;
    readonly score: number;
    readonly map: RawMap;
  }[];
}

export async function readExpectation(
  kind: keyof typeof kindFolders,
  net: string,
): Promise<Expectation> {
  const file = path.join(kindFolders[kind], net, 'expected.json');
  const stored = JSON.parse(readFileSync(file, 'utf8')) as StoredExpectation;
  const { shape, uint8 } = stored.pixels;
  const [height, width, channels] = shape;
  const data = Uint8Array.from(Buffer.from(uint8, 'base64'));
  const outputs = stored.outputs ?? { out: stored.output! };
  return {
    picture: await encodePng({ width, height, channels, data }),
    logits: decode(stored.logits),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, one]) => [name, decode(one)])),
    cases: Object.entries(stored.cases).map(([target, { score, gradCam }]) => ({
      target,
      score,
      map: decode(gradCam),
    })),
  };
}

function decode({ shape, float32 }: Stored): RawMap {
  const bytes = Uint8Array.from(Buffer.from(float32, 'base64'));
  return { shape, data: new Float32Array(bytes.buffer) };
}

/** What an output means, which decides what is told of it. */
export type AnswerKind =
  | 'classes'
  | 'binary'
  | 'labels'
  | 'scores'
  | 'value'
  | 'map'
  | 'masks'
  | 'mask'
  | 'density'
  | 'table';

/** What is to be told of an output, by the index of the class, from Keras's numbers alone. */
export function answersOf(kind: AnswerKind, output: RawMap, logits: RawMap): number[] {
  const values = [...output.data];
  const channels = output.shape.at(-1)!;
  const places = values.length / channels;
  const share = (isOf: (place: number[]) => boolean): number => {
    let count = 0;
    for (let i = 0; i < places; i++) {
      if (isOf(values.slice(i * channels, (i + 1) * channels))) count += 1;
    }
    return count / places;
  };
  const all = Array.from({ length: channels }, (_, i) => i);
  switch (kind) {
    case 'classes':
    case 'labels':
    case 'value':
      return values;
    case 'binary':
      return [1 - values[0]!, values[0]!];
    case 'scores': {
      const powers = [...logits.data].map((score) => Math.exp(score));
      const sum = powers.reduce((a, b) => a + b);
      return powers.map((power) => power / sum);
    }
    case 'map':
      return all.map((index) => share((place) => place.indexOf(Math.max(...place)) === index));
    case 'masks':
      return all.map((index) => share((place) => place[index]! > 0.5));
    case 'mask':
      return [share(([value]) => value! <= 0.5), share(([value]) => value! > 0.5)];
    case 'density':
      return [values.reduce((a, b) => a + b)];
    case 'table':
      return [];
  }
}
