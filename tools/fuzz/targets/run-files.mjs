// @ts-check
import { parseResults } from '@gradcam/core';
import { readRun } from '@gradcam/runs';
import { concat, utf8 } from '../bytes.mjs';
import { digestOf } from '../digest.mjs';
import { containerMutation } from '../mutate/container.mjs';
import { mutateJson } from '../mutate/json.mjs';
import { mutateText } from '../mutate/text.mjs';
import { Disagreement } from '../oracle.mjs';
import { makeScratch, writeFiles } from '../scratch.mjs';
import { checkLine } from './result-line.mjs';

const RUN = {
  schema: 1,
  status: 'done',
  startedAt: '2026-01-01T00:00:00.000Z',
  model: {
    id: 'tiny',
    path: '../models/tiny',
    digest: '0'.repeat(64),
    input: { height: 8, width: 8 },
  },
  engine: 'onnx',
  files: { original: '..' },
  versions: { core: '0.1.0' },
  settings: {
    ...{ methods: ['grad-cam'], targets: ['top1'], layers: ['auto'], save: ['overlay', 'raw'] },
    ...{ colormap: 'turbo', alpha: 0.5, fit: 'crop' },
  },
  assumptions: ['channels are RGB'],
  counts: { done: 2, failed: 1 },
};

/** @param {string} image */
function lineOf(image) {
  const explanation = {
    ...{
      method: 'grad-cam',
      layer: 'features',
      target: { kind: 'class', index: 1, label: 'dog' },
      score: 9.1,
    },
    ...{
      grid: [7, 7],
      relu: true,
      files: { overlay: 'images/a/x.overlay.png', raw: 'images/a/x.npy' },
    },
    ...{ peak: { x: 12, y: 46 }, box: { x: 1, y: 2, width: 30, height: 40 } },
    mask: { size: [48, 64], counts: '0:', area: 12 },
    diagnostics: { probability: 0.4, gradientNorm: 1.5, negativeShare: 0.2, cellSize: [9.1, 6.9] },
    scale: { percentile: 99.5, value: 0.01 },
    evidence: {
      ...{ deletion: 0.2, randomised: null, rating: 'supported', verdict: 'Supported: .' },
      randomBaseline: { mean: 0.4, least: 0.3, asLow: 0, maps: 19 },
    },
  };
  return {
    ...{
      image,
      sha256: '0'.repeat(64),
      width: 64,
      height: 48,
      view: { x: 8, y: 0, width: 48, height: 48 },
    },
    predictions: [
      { index: 1, label: 'dog', probability: 0.42, logit: 9.1 },
      { index: 0, probability: 0.3, logit: 8 },
    ],
    ...{ truth: { index: 1, label: 'dog' }, correct: true },
    explanations: [explanation, { ...explanation, method: 'occlusion', nothing: 0.5, box: null }],
    sweeps: [
      {
        method: 'grad-cam',
        target: { kind: 'class', index: 1 },
        layers: ['a', 'b'],
        file: 'images/a/s.webp',
      },
    ],
    figures: [
      { layer: 'a', targets: [{ kind: 'class', index: 1 }], file: 'images/a/figure--a.png' },
    ],
    ms: 41,
  };
}

const LINES = [
  lineOf('a.png'),
  { image: 'b.png', error: 'b.png: not an image' },
  { image: 'b.png', question: 'is there a dog?', error: 'b.png: not an image' },
  lineOf('photos/c.jpg'),
];

/**
 * The lines of a file as parts.
 *
 * @type {import('../mutate/container.mjs').Container}
 */
const lines = {
  unpack: (bytes) =>
    Buffer.from(bytes)
      .toString('latin1')
      .split('\n')
      .map((line) => ({ name: '', bytes: new Uint8Array(Buffer.from(line, 'latin1')) })),
  pack: (parts) =>
    concat(...parts.flatMap(({ bytes }, i) => (i === 0 ? [bytes] : [utf8('\n'), bytes]))),
};

/**
 * Run folders, read by core's parser and by the command's reader, which must see the same.
 *
 * @type {import('../target.mjs').Target}
 */
export const runFiles = {
  name: 'run-files',
  share: 5,
  mutationsOf: (file) =>
    file === 'run.json'
      ? [mutateJson]
      : [
          containerMutation(lines, () => [mutateJson]),
          containerMutation(lines, () => [mutateJson]),
          mutateText,
        ],
  async start() {
    const folder = makeScratch('run');
    const results = utf8(LINES.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const files = { 'run.json': utf8(JSON.stringify(RUN)), 'results.jsonl': results };
    const torn = { ...files, 'results.jsonl': results.slice(0, -20) };
    return {
      seeds: [
        { name: 'whole', open: 'run.json', files },
        { name: 'torn', open: 'run.json', files: torn },
      ],
      async run({ files: given }) {
        writeFiles(folder, given);
        const run = await readRun(folder);
        for (const line of run.lines) checkLine(line);
        const { lines: parsed } = parseResults(
          new TextDecoder('utf-8', { ignoreBOM: true }).decode(given['results.jsonl']),
        );
        if (JSON.stringify(parsed) !== JSON.stringify(run.lines))
          throw new Disagreement('core and command read other lines');
        return digestOf(JSON.stringify(run));
      },
    };
  },
};
