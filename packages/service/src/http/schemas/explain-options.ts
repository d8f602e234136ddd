import { boxRules, gradientStyles, MOST_BEAMS, presets } from '@gradcam/core';
import { colourings, overlayModes } from '@gradcam/runs';
import { Type, type Static } from 'typebox';
import { MAX_RUNS } from '../limits.ts';

/** The longest text of an option: a target may name a class by its words. */
const MAX_TEXT = 500;

/** The most entries of an option that may be given several times. */
const MAX_LIST = 64;

/** The longest question or caption, as `tokenize` takes it. */
const MAX_WORDS = 10_000;

const text = (description: string, maxLength = MAX_TEXT) => Type.String({ description, maxLength });

const texts = (description: string, examples: readonly string[]) =>
  Type.Union(
    [
      Type.String({ maxLength: MAX_TEXT }),
      Type.Array(Type.String({ maxLength: MAX_TEXT }), { maxItems: MAX_LIST }),
    ],
    { description, examples: [...examples] },
  );

const choice = <T extends string>(description: string, values: readonly T[]) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], description });

/**
 * The options of `POST /v1/explain`, as query parameters or as JSON in a multipart body. They have the names
 * and values of the flags of `gradcam explain`.
 */
export const ExplainOptionsSchema = Type.Object(
  {
    model: Type.Optional(
      text('id of a model, as GET /v1/models lists it; may be left out if there is only one'),
    ),
    method: Type.Optional(
      texts('methods, separated by commas or repeated; default grad-cam', [
        'grad-cam',
        'layer-cam',
      ]),
    ),
    target: Type.Optional(
      texts('what to explain, one target or several; default top1', [
        'top1',
        'top3',
        'boxer',
        '242',
      ]),
    ),
    layer: Type.Optional(
      texts('layers or endpoints, separated by commas or repeated; a+b fuses two; default auto', [
        'auto',
      ]),
    ),
    ask: Type.Optional(
      text('the question, for a model that answers questions about a picture', MAX_WORDS),
    ),
    say: Type.Optional(text('the caption to explain, for a model that writes captions', MAX_WORDS)),
    caption: Type.Optional(
      Type.Boolean({ description: 'let such a model write the caption to explain' }),
    ),
    beams: Type.Optional(
      Type.Integer({
        description: 'how many beginnings of a caption are continued at each word; default 1',
        minimum: 1,
        maximum: MOST_BEAMS,
      }),
    ),
    runs: Type.Optional(
      Type.Integer({
        description: 'how many passes a method that needs many may use',
        minimum: 1,
        maximum: MAX_RUNS,
      }),
    ),
    like: Type.Optional(
      choice(
        'show maps as another library does',
        presets.map(({ name }) => name),
      ),
    ),
    save: Type.Optional(
      texts(
        'files to send in the JSON, in base64: overlay, heatmap, raw, display, boxes, masks; default none',
        ['overlay', 'raw'],
      ),
    ),
    maps: Type.Optional(
      texts('short for save: npy is the raw map, png is the heatmap', ['npy', 'png']),
    ),
    colormap: Type.Optional(choice('colours of maps; default turbo', colourings)),
    gradients: Type.Optional(
      choice('how maps at pixels are drawn; default colour', gradientStyles),
    ),
    alpha: Type.Optional(
      Type.Number({
        description: 'opacity of the colours in the overlay; default 0.5',
        minimum: 0,
        maximum: 1,
      }),
    ),
    overlay: Type.Optional(
      choice('one opacity, opacity by value, or contour lines; default blend', overlayModes),
    ),
    legend: Type.Optional(
      Type.Boolean({ description: 'add class, method, layer and colour bar below the overlay' }),
    ),
    box: Type.Optional(choice('rule for the box of a map; default peak', boxRules)),
    window: Type.Optional(
      Type.String({
        description: 'from..to: values that become 0 and 255, for pictures that do not have 8 bits',
        maxLength: 100,
        examples: ['0..4095'],
      }),
    ),
  },
  { additionalProperties: false },
);

/** Options as a client states them. */
export type StatedOptions = Static<typeof ExplainOptionsSchema>;
