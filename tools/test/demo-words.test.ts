import {
  explain,
  loadModel,
  prepareInput,
  prepareText,
  type Engine,
  type Model,
} from '@gradcam/core';
import { openModelFolder, readImage } from '@gradcam/core/node';
import { createOnnxEngine } from '@gradcam/core/onnx';
import { createTfjsEngine } from '@gradcam/core/tfjs';
import { convertModel } from '@gradcam/converter/node';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/**
 * Logits of the range of all, and maps of their largest value, of float32 through a whole net against
 * float64. The issue of these nets asks for 1e-4; both engines come within a tenth of it.
 */
const TOLERANCE = 1e-5;

const demo = fileURLToPath(new URL('../../demo', import.meta.url));

interface Expected {
  readonly 'demo-vqa': {
    readonly layer: string;
    readonly pairs: readonly {
      readonly file: string;
      readonly question: string;
      readonly answer: string;
      readonly logits: readonly number[];
      readonly gradCam: Readonly<Record<string, { readonly raw: readonly number[] }>>;
    }[];
  };
  readonly 'demo-caption': {
    readonly layer: string;
    readonly captions: readonly {
      readonly file: string;
      readonly caption: string;
      readonly greedy: boolean;
      readonly words: readonly {
        readonly word: string;
        readonly logProbability: number;
        readonly raw: readonly number[];
      }[];
      readonly sentence: { readonly logProbability: number; readonly raw: readonly number[] };
    }[];
  };
}

const expected = JSON.parse(
  readFileSync(path.join(demo, 'words/expected.json'), 'utf8'),
) as Expected;

function errorOf(found: ArrayLike<number>, wanted: readonly number[], scale: number): number {
  if (found.length !== wanted.length) return NaN;
  return Math.max(...wanted.map((value, i) => Math.abs(value - found[i]!))) / scale;
}

const largestOf = (values: readonly number[]): number => Math.max(...values.map(Math.abs));

describe.each(['onnx', 'wasm'] as const)('the demo nets for words on %s', (engineName) => {
  let engine: Engine;
  let folder: string;
  let asked: Model;
  let told: Model;

  beforeAll(async () => {
    engine =
      engineName === 'onnx'
        ? createOnnxEngine(ort)
        : await createTfjsEngine({ backend: engineName });
    folder = mkdtempSync(path.join(tmpdir(), 'gradcam-demo-words-'));
    const out = path.join(folder, 'demo-vqa');
    await convertModel({ source: path.join(demo, 'words/vqa/demo-vqa.keras'), out });
    copyFileSync(path.join(demo, 'words/vqa/gradcam.json'), path.join(out, 'gradcam.json'));
    asked = await loadModel(openModelFolder(out), { engine });
    const captions = path.join(demo, 'words/caption/demo-caption.onnx');
    told = await loadModel(openModelFolder(captions), { engine });
  });

  afterAll(() => {
    asked?.dispose();
    told?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(expected['demo-vqa'].pairs)(
    "$file: $question has TensorFlow's answer and map",
    async ({ file, question, answer, logits, gradCam }) => {
      const image = await readImage(path.join(demo, 'scenes', file));
      const layers = Object.keys(gradCam);
      const { explanations, text } = await explain(asked, image, { question, layers });
      expect(text).toMatchObject({ question, answer });
      const range = Math.max(...logits) - Math.min(...logits);
      // The predictions are the best five; these are the logits of all answers.
      const { inputs } = prepareText(asked, { question })!;
      const { values } = prepareInput(image, asked.input);
      const pass = await asked.session.run({ inputs: { ...inputs, image: values }, outputs: [] });
      expect(asked.classNames.labels).toHaveLength(logits.length);
      expect(errorOf(pass.logits.data, logits, range)).toBeLessThan(TOLERANCE);
      for (const [i, layer] of layers.entries()) {
        const { raw } = gradCam[layer]!;
        expect(errorOf(explanations[i]!.raw.data, raw, largestOf(raw)), layer).toBeLessThan(
          TOLERANCE,
        );
      }
    },
  );

  test.each(expected['demo-caption'].captions)(
    "$file: $caption has PyTorch's log-probabilities and maps",
    async ({ file, caption, greedy, words, sentence }) => {
      const image = await readImage(path.join(demo, 'scenes', file));
      const { explanations, text } = await explain(told, image, {
        caption: greedy ? {} : caption,
        layers: [expected['demo-caption'].layer],
      });
      if (text === undefined || !('caption' in text)) throw new Error('it tells no caption');
      expect(text.caption.map(({ word }) => word).join(' ')).toBe(caption);
      const wanted = words.filter(({ word }) => word !== '[END]');
      for (const [i, { logProbability, raw }] of wanted.entries()) {
        expect(text.caption[i]!.logProbability).toBeCloseTo(logProbability, 4);
        const error = errorOf(explanations[i]!.raw.data, raw, largestOf(raw));
        expect(error, wanted[i]!.word).toBeLessThan(10 * TOLERANCE);
      }
      expect(text.caption).toHaveLength(wanted.length);
      const end = words.find(({ word }) => word === '[END]')!;
      expect(text.end!.logProbability).toBeCloseTo(end.logProbability, 4);
      expect(text.logProbability).toBeCloseTo(sentence.logProbability, 4);
      const error = errorOf(explanations.at(-1)!.raw.data, sentence.raw, largestOf(sentence.raw));
      expect(error).toBeLessThan(10 * TOLERANCE);
    },
  );

  test('a scene of 256 pixels: what is left of the dog is the cat, and the map lies on it', async () => {
    const image = await readImage(path.join(demo, 'scenes/cat-and-dog.png'));
    const { explanations, text } = await explain(asked, prepareInput(image, asked.input), {
      question: 'what is left of the dog?',
    });
    expect(text).toMatchObject({ answer: 'cat' });
    const scenes = JSON.parse(readFileSync(path.join(demo, 'scenes/scenes.json'), 'utf8')) as {
      file: string;
      objects: { class: string; box: { x: number; y: number; width: number; height: number } }[];
    }[];
    const { objects } = scenes.find(({ file }) => file === 'cat-and-dog.png')!;
    const { box } = objects.find((object) => object.class === 'cat')!;
    const { peak } = explanations[0]!;
    expect(peak!.x).toBeGreaterThan(box.x);
    expect(peak!.x).toBeLessThan(box.x + box.width);
    expect(peak!.y).toBeGreaterThan(box.y);
    expect(peak!.y).toBeLessThan(box.y + box.height);
  });
});
