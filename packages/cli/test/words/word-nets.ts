import type { QuestionText } from '@gradcam/core';
import { encodePng } from '@gradcam/core/node';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../run-command.ts';

/** Nets by `tools/oracles/question_net.py` and `caption_net.py`, and what Keras and PyTorch say in float64. */
const nets = path.join(root, 'packages/core/test/fixtures/words');

/** A net that answers questions: its folder. */
export const answering = path.join(nets, 'question');

/** A net that writes captions: its file. */
export const writing = path.join(nets, 'caption/caption.onnx');

interface Pixels {
  readonly shape: readonly [number, number, number];
  readonly uint8: string;
}

/** Questions about one picture, with the answers. */
export const asked = JSON.parse(readFileSync(path.join(answering, 'expected.json'), 'utf8')) as {
  readonly pixels: Pixels;
  readonly asked: readonly Required<QuestionText>[];
};

/** Captions of one picture. */
export const captions = JSON.parse(
  readFileSync(path.join(nets, 'caption/expected.json'), 'utf8'),
) as {
  readonly pixels: Pixels;
  readonly caption: string;
  readonly sentence: { readonly score: number };
  readonly written: Readonly<
    Record<string, { readonly words: readonly string[]; readonly logProbability: number }>
  >;
};

/** A picture of an oracle, as a PNG. */
export async function encodePixels({ shape, uint8 }: Pixels): Promise<Buffer<ArrayBuffer>> {
  const [height, width] = shape;
  const data = Uint8Array.from(Buffer.from(uint8, 'base64'));
  return Buffer.from(await encodePng({ width, height, channels: 3, data }));
}

/** Writes the picture of the questions under several names. */
export async function writePictures(folder: string, names: readonly string[]): Promise<void> {
  const png = await encodePixels(asked.pixels);
  for (const name of names) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), png);
  }
}
