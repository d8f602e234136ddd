import { fileURLToPath } from 'node:url';
import type { RgbImage } from '../../src/image/rgb-image.ts';
import { openModelFolder } from '../../src/node/model-folder.ts';
import type { ModelFiles } from '../../src/readers/model-files.ts';
import { readFixture, type StoredArray } from './fixture.ts';

/** What `tools/oracles/question_net.py` writes: TensorFlow in float64. */
export interface QuestionsExpected {
  readonly pixels: { readonly shape: readonly number[]; readonly uint8: string };
  readonly layer: string;
  readonly asked: readonly {
    readonly question: string;
    readonly answer: string;
    readonly logits: StoredArray;
    readonly probabilities: StoredArray;
    /** By the index of an answer. */
    readonly gradCam: Readonly<Record<string, StoredArray>>;
  }[];
}

export const readQuestions = (): QuestionsExpected => readFixture('words/question/expected.json');

/** The files of a net below `fixtures/words`. */
export function wordFiles(name: string): ModelFiles {
  return openModelFolder(fileURLToPath(new URL(`../fixtures/words/${name}`, import.meta.url)));
}

/** An ONNX net below `fixtures/words`, with the file beside it. */
export function wordNet(name: string): ModelFiles {
  const file = new URL(`../fixtures/words/${name}/${name}.onnx`, import.meta.url);
  return openModelFolder(fileURLToPath(file));
}

/** Pixels [height, width, 3] of an oracle. */
export function imageOf({ shape, uint8 }: QuestionsExpected['pixels']): RgbImage {
  const [height, width] = shape as [number, number];
  return { width, height, channels: 3, data: Uint8Array.from(Buffer.from(uint8, 'base64')) };
}

/** The log-probability of a word or a sentence, and its gradient and map at the layer. */
export interface ScoreExpected {
  readonly score: number;
  readonly gradient: StoredArray;
  readonly gradCam: StoredArray;
}

/** A caption that the net writes. */
export interface WrittenExpected {
  readonly words: readonly string[];
  readonly ended: boolean;
  readonly logProbability: number;
}

/** What `tools/oracles/caption_net.py` writes: PyTorch in float64. */
export interface CaptionExpected {
  readonly pixels: QuestionsExpected['pixels'];
  readonly layer: string;
  readonly caption: string;
  readonly logits: StoredArray;
  /** Of each word and of the end. */
  readonly words: readonly ScoreExpected[];
  readonly sentence: ScoreExpected;
  readonly written: Readonly<Record<'beams 1' | 'beams 2' | 'beams 3' | 'all', WrittenExpected>>;
}

export const readCaptions = (): CaptionExpected => readFixture('words/caption/expected.json');
