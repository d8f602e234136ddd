import { argMax, batchItem, type NdArray } from '../base/nd-array.ts';
import type { Region } from '../base/rectangle.ts';
import { toProbabilities } from '../engines/port/probabilities.ts';
import { fitImage, type Geometry } from '../image/geometry.ts';
import { prepareView, type PreparedInput } from '../image/prepare-input.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { computeFixations } from '../methods/fixations/cnn-fixations.ts';
import { blurFixations, removeOutliers } from '../methods/fixations/fixation-map.ts';
import type { Model } from '../model/description.ts';
import { mainHead } from '../network/network.ts';
import type { FixationPoint } from '../run/result-line.ts';
import { placeFixations } from './place-fixations.ts';

export interface FixateCropsOptions {
  /** The class; default the one with the largest mean probability over the crops. */
  readonly classIndex?: number;
  readonly signal?: AbortSignal;
}

/** CNN-Fixations of several crops of one image. */
export interface CropFixations {
  readonly classIndex: number;
  /** The crops in pixels of the original, and whether each one's own best class is the class. */
  readonly crops: readonly { readonly view: Region; readonly isUsed: boolean }[];
  /** Pixels of the original that the crops found, row by row, without outliers. */
  readonly points: readonly FixationPoint[];
  /** [height, width] of the original, at least 0: the points, blurred. */
  readonly map: NdArray;
}

/** The shorter side of the image holds a crop and a seventh more: 256 pixels for a crop of 224. */
const SHORTER_SIDE = 256 / 224;

/**
 * CNN-Fixations over five crops, as the authors' program takes them: the corners and the centre of the image,
 * whose shorter side is 256/224 of a crop. The points of all crops whose best class is the class count
 * together, also where several find the same pixel. Without a class, the one with the largest mean
 * probability is taken; if no crop has it for its best, the centre's.
 *
 * The authors' program takes the mean over the crops and their mirror images; here it is the crops alone.
 *
 * @param image the original; its shorter side gives the scale.
 * @throws GradcamError as `computeFixations`.
 * @throws the signal's reason when aborted, between two crops.
 * @see val-iisc/cnn-fixations: demo/utils.py
 */
export async function fixateCrops(
  model: Model,
  image: RgbImage,
  { classIndex: asked, signal }: FixateCropsOptions = {},
): Promise<CropFixations> {
  const { session } = model;
  const head = mainHead(session.network);
  const [input = ''] = session.network.inputs;
  const prepared = placeCrops(image, model).map((view) => prepareCrop(image, model, view));
  const scores: Float64Array[] = [];
  for (const { values } of prepared) {
    signal?.throwIfAborted();
    const { logits } = await session.run({ inputs: { [input]: values }, outputs: [] });
    scores.push(Float64Array.from(toProbabilities(batchItem(logits, 0).data, head)));
  }
  const best = scores.map((one) => argMax(one));
  const sums = scores[0]!.map((_, c) => scores.reduce((sum, one) => sum + one[c]!, 0));
  const label = argMax(sums);
  const classIndex = asked ?? (best.includes(label) ? label : best.at(-1)!);

  const counts = new Map<number, number>();
  const crops = [];
  for (const [i, { values, geometry }] of prepared.entries()) {
    const isUsed = best[i] === classIndex;
    crops.push({ view: geometry.view, isUsed });
    if (!isUsed) continue;
    const seeds = [{ score: 'logit', of: { class: classIndex } }] as const;
    const options = signal === undefined ? { seeds } : { seeds, signal };
    const [found] = await computeFixations(session, values, options);
    for (const { x, y, count } of placeFixations(found!.points, geometry)) {
      const pixel = y * image.width + x;
      counts.set(pixel, (counts.get(pixel) ?? 0) + count);
    }
  }
  const size = [image.height, image.width] as const;
  const all = [...counts]
    .sort(([a], [b]) => a - b)
    .map(([pixel, count]) => ({
      row: Math.floor(pixel / image.width),
      column: pixel % image.width,
      count,
    }));
  const kept = removeOutliers(all, size);
  const points = kept.map(({ row, column, count }) => ({ x: column, y: row, count }));
  return { classIndex, crops, points, map: blurFixations(kept, size) };
}

/** The four corners, row by row, and the centre. */
function placeCrops(image: RgbImage, { input }: Model): Region[] {
  const perPixel = Math.min(image.width / input.width, image.height / input.height) / SHORTER_SIDE;
  const [width, height] = [input.width * perPixel, input.height * perPixel];
  const [right, bottom] = [image.width - width, image.height - height];
  return [
    ...[
      { x: 0, y: 0, width, height },
      { x: right, y: 0, width, height },
    ],
    ...[
      { x: 0, y: bottom, width, height },
      { x: right, y: bottom, width, height },
    ],
    { x: right / 2, y: bottom / 2, width, height },
  ];
}

function prepareCrop(image: RgbImage, { input }: Model, view: Region): PreparedInput {
  const geometry: Geometry = { ...fitImage(image, input), view };
  return prepareView(image, input, geometry);
}
