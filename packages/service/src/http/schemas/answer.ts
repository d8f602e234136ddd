import { boxRules, type ResultExplanation, type ResultLine } from '@gradcam/core';
import { Type, type TSchema } from 'typebox';

const optional = Type.Optional;
const number = Type.Number();
const integer = Type.Integer();
const string = Type.String();

const point = Type.Object({ x: number, y: number });
const region = Type.Object({ x: number, y: number, width: number, height: number });

const target = Type.Object({
  kind: Type.String({
    examples: ['class', 'not', 'contrast', 'value', 'region', 'pixel', 'box', 'word', 'sentence'],
  }),
  index: Type.Integer({ description: 'the class; -1 for a target that is about no class' }),
  label: optional(string),
  than: optional(integer),
  at: optional(Type.Union([region, point])),
  element: optional(Type.Array(integer)),
  box: optional(integer),
  place: optional(Type.Integer({ description: 'of a word in its caption, from 1' })),
});

const prediction = Type.Object({
  index: integer,
  label: optional(string),
  probability: optional(number),
  logit: number,
  share: optional(number),
  value: optional(number),
  box: optional(region),
});

const diagnostics = Type.Object(
  {
    probability: optional(number),
    gradientNorm: optional(number),
    negativeShare: Type.Number({ description: "share of the raw map's cells below zero" }),
    cellSize: Type.Array(number, {
      description: 'width and height of one cell in pixels of the picture',
      minItems: 2,
      maxItems: 2,
    }),
    completenessError: optional(number),
    barShare: optional(number),
    blank: optional(Type.String({ description: 'why the map is zero everywhere' })),
  },
  { description: 'numbers that say how far the map can be trusted' },
);

const explanation = Type.Object({
  method: string,
  layer: string,
  target,
  score: number,
  grid: Type.Array(integer, {
    description: '[rows, columns] of the raw map',
    minItems: 2,
    maxItems: 2,
  }),
  relu: Type.Boolean(),
  nothing: optional(number),
  scale: optional(Type.Object({ percentile: number, value: number })),
  points: optional(Type.Array(Type.Object({ x: integer, y: integer, count: integer }))),
  files: Type.Record(Type.String(), Type.String({ contentEncoding: 'base64' }), {
    description: 'the files that save or maps asked for, by their kind, in base64',
  }),
  peak: point,
  box: Type.Union([
    Type.Object({
      x: number,
      y: number,
      width: number,
      height: number,
      rule: optional(Type.Unsafe<string>({ type: 'string', enum: [...boxRules] })),
      holdsPeak: optional(Type.Boolean()),
    }),
    Type.Null(),
  ]),
  mask: optional(
    Type.Object({
      area: integer,
      size: Type.Array(integer, { minItems: 2, maxItems: 2 }),
      counts: string,
    }),
  ),
  diagnostics,
});

const wordScore = { word: string, logProbability: number };
const instead = optional(Type.Object(wordScore));

/** What was asked and answered, or the caption; the fields of the one that it is. */
const words = Type.Object({
  question: optional(string),
  answer: optional(string),
  caption: optional(
    Type.Array(
      Type.Object({
        ...wordScore,
        instead,
        explanation: optional(
          Type.Integer({ description: 'index of the first explanation of the word' }),
        ),
      }),
    ),
  ),
  by: optional(Type.String({ description: 'model or user: who wrote the caption' })),
  end: optional(Type.Object({ logProbability: number, instead })),
  logProbability: optional(
    Type.Number({ description: 'of the whole caption: the sum over its words and its end' }),
  ),
  own: optional(Type.Object({ caption: string, logProbability: number })),
});

/** The model as answers name it. */
const answeredBy = Type.Object({
  id: string,
  digest: Type.String({ description: 'sha256 of its model.json or ONNX file' }),
});

/**
 * The answer of `POST /v1/explain` in JSON: a line of `results.jsonl` whose explanations hold their files in
 * place of paths, with the model and the engine.
 */
export const AnswerSchema = Type.Object({
  model: answeredBy,
  engine: string,
  image: Type.String({ description: "the upload's file name, or `image`" }),
  sha256: string,
  width: integer,
  height: integer,
  view: optional(region),
  samples: optional(Type.Object({}, { additionalProperties: true })),
  notes: optional(Type.Array(string)),
  text: optional(words),
  predictions: Type.Array(prediction),
  explanations: Type.Array(explanation),
  ms: integer,
}) satisfies TSchema;

/** An explanation in an answer: a line's explanation whose files are their content in base64. */
export type AnsweredExplanation = Omit<ResultExplanation, 'evidence'>;

/** The body of an answer; {@link AnswerSchema} is its schema. */
export interface Answer extends Omit<ResultLine, 'explanations' | 'truth' | 'correct'> {
  readonly model: { readonly id: string; readonly digest: string };
  readonly engine: string;
  readonly explanations: readonly AnsweredExplanation[];
}

/** Every refusal. */
export const ErrorSchema = Type.Object({
  error: Type.Object({
    code: Type.String({ description: 'for programs' }),
    message: Type.String({ description: 'one line for people' }),
  }),
});
