import { boxRules } from './box-rule.ts';
import { evidenceRatings } from './result-line.ts';
import { isRunFileName } from './run-file-name.ts';
import { windowSources } from './sample-scale.ts';
import {
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  record,
  string,
  stringLike,
  truthValue,
  tuple,
  where,
  whole,
  type Shape,
} from './shape.ts';

/** The longest side that a PNG can have, so no explained image has a longer one. */
const MAX_SIDE = 2 ** 31 - 1;

/** Largest number of classes or pixels: the largest integer that a double holds exactly. */
const MAX_COUNT = Number.MAX_SAFE_INTEGER;

/**
 * Longest run lengths of a mask, in characters. A checkerboard of 16384 x 16384 pixels takes one for
 * each pixel.
 */
const MAX_RUN_LENGTHS = 2 ** 28;

export const sha256Shape = stringLike('64 hex digits', /^[0-9a-f]{64}$/);

/** The name of an image, as the user gave it. */
const imageName = where(
  'a path or an address, at most 65536 characters',
  (value) => typeof value === 'string' && value !== '' && value.length <= 2 ** 16,
);

const fileName = where(
  'a file of the run, images/<folder>/<name>',
  (value) => typeof value === 'string' && isRunFileName(value),
);

const classIndex = whole(0, MAX_COUNT);
const share = number(0, 1);

/** Kinds of targets that may be about no class. Their index is then -1. */
const classless = ['function', 'value', 'element', 'box', 'similar', 'sentence'];

const place = number(-MAX_SIDE, MAX_SIDE);

const target: Shape = (value) =>
  object({
    kind: oneOf('class', 'not', 'contrast', 'region', 'pixel', 'word', ...classless),
    label: optional(string()),
    than: optional(classIndex),
    at: optional(object({ x: place, y: place, width: optional(place), height: optional(place) })),
    element: optional(list(classIndex)),
    box: optional(whole(1, MAX_COUNT)),
    place: optional(whole(1, MAX_COUNT)),
  })(value) ??
  object({
    index: whole(classless.includes((value as { kind: string }).kind) ? -1 : 0, MAX_COUNT),
  })(value);

const box = object({
  x: whole(0, MAX_SIDE),
  y: whole(0, MAX_SIDE),
  width: whole(1, MAX_SIDE),
  height: whole(1, MAX_SIDE),
  rule: optional(oneOf(...boxRules)),
  holdsPeak: optional(truthValue),
});

const mask = object({
  size: tuple(whole(1, MAX_SIDE), whole(1, MAX_SIDE)),
  counts: string(MAX_RUN_LENGTHS),
  area: whole(0, MAX_COUNT),
});

const length = number(Number.MIN_VALUE, MAX_SIDE);

const diagnostics = object({
  probability: optional(share),
  gradientNorm: optional(number(0)),
  negativeShare: share,
  cellSize: tuple(length, length),
  completenessError: optional(number()),
  barShare: optional(share),
  blank: optional(string()),
});

const fixation = object({
  x: whole(0, MAX_SIDE),
  y: whole(0, MAX_SIDE),
  count: whole(1, MAX_COUNT),
});

const evidence = object({
  deletion: nullable(number()),
  randomBaseline: nullable(
    object({
      mean: number(),
      least: number(),
      asLow: whole(0, MAX_COUNT),
      maps: whole(1, MAX_COUNT),
    }),
  ),
  randomised: nullable(number(-1, 1)),
  rating: oneOf(...evidenceRatings),
  verdict: string(),
});

const explanation = object({
  method: string(),
  layer: string(),
  target,
  score: number(),
  grid: tuple(whole(1, MAX_SIDE), whole(1, MAX_SIDE)),
  relu: truthValue,
  nothing: optional(number()),
  scale: optional(object({ percentile: number(0, 100), value: number(0) })),
  points: optional(list(fixation)),
  files: record(fileName),
  peak: object({ x: place, y: place }),
  box: nullable(box),
  mask: optional(mask),
  diagnostics,
  evidence: optional(evidence),
});

const prediction = object({
  index: classIndex,
  label: optional(string()),
  probability: optional(share),
  logit: number(),
  share: optional(share),
  value: optional(number()),
  box: optional(object({ x: place, y: place, width: length, height: length })),
});

const sweep = object({ method: string(), target, layers: list(string()), file: fileName });

const figure = object({ layer: string(), targets: list(target), file: fileName });

const samples = object({
  type: string(),
  window: tuple(number(), number()),
  by: oneOf(...windowSources),
  smallest: number(),
  largest: number(),
});

const question = object({ question: string(), answer: optional(string()) });

const logarithm = number(-Number.MAX_VALUE, 0);

const wordScore = { word: string(), logProbability: logarithm };

const instead = optional(object(wordScore));

const caption = object({
  caption: list(object({ ...wordScore, instead, explanation: optional(whole(0, MAX_COUNT)) })),
  by: oneOf('model', 'user'),
  end: optional(object({ logProbability: logarithm, instead })),
  logProbability: logarithm,
  own: optional(object({ caption: string(), logProbability: logarithm })),
});

const text: Shape = (value) => {
  const isCaption = typeof value === 'object' && value !== null && 'caption' in value;
  return (isCaption ? caption : question)(value);
};

/** A line of `results.jsonl` for an image that was explained. */
export const resultShape = object({
  image: imageName,
  sha256: sha256Shape,
  width: whole(1, MAX_SIDE),
  height: whole(1, MAX_SIDE),
  view: optional(
    object({
      x: place,
      y: place,
      width: length,
      height: length,
    }),
  ),
  samples: optional(samples),
  notes: optional(list(string())),
  text: optional(text),
  predictions: list(prediction),
  truth: optional(object({ index: classIndex, label: optional(string()) })),
  correct: optional(truthValue),
  explanations: list(explanation),
  sweeps: optional(list(sweep)),
  figures: optional(list(figure)),
  ms: number(0),
});

/** A line for an image that failed. */
export const failureShape = object({
  image: imageName,
  question: optional(string()),
  error: string(),
});
