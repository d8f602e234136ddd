import {
  createPredict,
  explain,
  forwardPassOf,
  GradcamError,
  type Geometry,
  type Model,
  type NdArray,
} from '@gradcam/core';
import type { Measurement, TrueRegion } from '@gradcam/core/evidence';
import type { ReadImage } from '@gradcam/runs';
import type { Annotations, PixelSize } from '../../inputs/regions/annotated-class.ts';
import type { EvaluatedClass, EvaluatedImage } from './evaluation.ts';
import { measureMap, type MeasureOptions } from './measure-map.ts';
import type { Row, RowMap } from './rows.ts';

/** Everything that the evaluation of an image needs. It is the same for all images. */
export interface ImageWork {
  readonly options: MeasureOptions;
  readonly rows: readonly Row[];
  /**
   * The rows of the same methods on the model with random weights, in the same order; null if randomisation
   * is not measured.
   */
  readonly randomised: readonly Row[] | null;
  readonly annotations: Annotations | null;
  /** The targets to explain; null if the annotated classes are explained. */
  readonly targets: readonly string[] | null;
}

interface Choice {
  readonly index: number;
  readonly label?: string;
  readonly region: TrueRegion | null;
}

/**
 * Evaluates one image: computes the maps of all rows for each class, and all their numbers.
 *
 * @param one the image's name in the line, and its question, which the model of `work` has been asked;
 *   `source` is its path or address.
 * @throws GradcamError of the kind `image` for annotations that do not fit the image.
 */
export async function evaluateImage(
  { source, ...one }: Pick<EvaluatedImage, 'image' | 'question'> & { readonly source: string },
  read: ReadImage,
  work: ImageWork,
): Promise<EvaluatedImage> {
  const { options, rows, randomised } = work;
  const { model, metrics } = options;
  const { values: input, geometry } = read.prepare();
  const { width, height } = read.image;
  const choices = await chooseClasses(source, { input, geometry, width, height }, work);
  const head = { ...one, sha256: read.sha256, width, height };
  if (choices.length === 0) return { ...head, classes: [], settings: {}, ms: {} };
  const classes = choices.map(({ index }) => index);
  const answer = await readAnswer(model, input, classes);
  const others = metrics.includes('contrast') ? classes.map((own) => answer.bestBut(own)) : null;
  const ms: Record<string, number> = {};
  const settings: Record<string, Measurement['settings']> = {};
  const keep = (measurement: Measurement): void => {
    settings[measurement.metric] = measurement.settings;
  };
  const byClass: EvaluatedClass[] = choices.map(({ index, label }, place) => ({
    index,
    ...(label === undefined ? {} : { label }),
    rank: answer.rankOf(index),
    probability: answer.probabilities[place]!,
    maps: [],
  }));
  const maps: MapsOfClass[] = choices.map(() => []);
  for (const [i, row] of rows.entries()) {
    const start = performance.now();
    const own = await row.explain(input, classes);
    ms[row.row] = performance.now() - start;
    const noisy = (await randomised?.[i]?.explain(input, classes)) ?? null;
    const contrasted = others === null ? null : await row.explain(input, others);
    for (const [place, { region }] of choices.entries()) {
      const measured = {
        ...{ row, maps: own, place, classes, region, input, geometry },
        rank: byClass[place]!.rank,
        randomised: pick(noisy, place),
        other: pick(contrasted, place),
      };
      maps[place]!.push(await measureMap(measured, options, keep));
    }
  }
  return {
    ...head,
    classes: byClass.map((one, i) => ({ ...one, maps: maps[i]! })),
    settings,
    ms,
  };
}

type MapsOfClass = Awaited<ReturnType<typeof measureMap>>[];

function pick(maps: readonly RowMap[] | null, place: number): RowMap | null {
  return maps?.[place] ?? null;
}

async function chooseClasses(
  source: string,
  image: PixelSize & { readonly input: NdArray; readonly geometry: Geometry },
  { annotations, targets, options, rows }: ImageWork,
): Promise<readonly Choice[]> {
  const annotated = (await annotations?.find(source, image)) ?? [];
  if (targets === null) return annotated;
  const { model, signal } = options;
  const [cheapest] = rows.filter(({ row }) => row === 'random-cam');
  const { explanations } = await explain(
    model,
    { values: image.input, geometry: image.geometry },
    { methods: [cheapest!.row], targets, signal },
  );
  const chosen = new Map<number, Choice>();
  for (const { target } of explanations) {
    if (target.kind !== 'class') {
      throw new GradcamError(
        'argument',
        `evaluate explains classes; got the target ${target.kind}`,
      );
    }
    const { index, label } = target;
    const found = annotated.find((one) => one.index === index);
    // A class that the annotations do not show in this image has no region to compare the map with.
    if (annotations !== null && found === undefined) continue;
    chosen.set(index, {
      index,
      ...(label === undefined ? {} : { label }),
      region: found?.region ?? null,
    });
  }
  return [...chosen.values()];
}

/** The model's answer for the image, from one pass. */
async function readAnswer(
  model: Model,
  input: NdArray,
  classes: readonly number[],
): Promise<{
  /** The probability of each class, in the order of the classes. */
  readonly probabilities: ArrayLike<number>;
  rankOf(index: number): number;
  bestBut(index: number): number;
}> {
  const { rule, run } = forwardPassOf(model.session);
  const result = await run(input, []);
  const again = { rule, run: async () => result };
  const seeds = classes.map((index) => ({ score: 'probability', of: { class: index } }) as const);
  const probabilities = (await createPredict(again, seeds)(input)).data;
  const scores = result.logits.data;
  const order = Array.from(scores, (_, index) => index);
  order.sort((a, b) => scores[b]! - scores[a]! || a - b);
  return {
    probabilities,
    rankOf: (index) => order.indexOf(index),
    bestBut: (index) => order.find((other) => other !== index)!,
  };
}
