import {
  isFailure,
  type FailureLine,
  type ResultExplanation,
  type ResultLine,
  type RunFile,
  type Target,
} from '@gradcam/core';
import { describeTarget } from '../paint/describe-target.ts';

/** COCO's object detection format, with the fields of ours that readers pass over. */
export interface CocoFile {
  readonly info: {
    readonly description: string;
    readonly version: string;
    readonly date_created: string;
    readonly contributor: string;
  };
  readonly images: readonly CocoImage[];
  readonly categories: readonly CocoCategory[];
  readonly annotations: readonly CocoAnnotation[];
}

export interface CocoImage {
  readonly id: number;
  /** As the run calls it. */
  readonly file_name: string;
  readonly width: number;
  readonly height: number;
}

export interface CocoCategory {
  readonly id: number;
  readonly name: string;
  /** Of the model; the ids begin at 1, since many readers keep 0 for the background. */
  readonly class_index: number;
}

export interface CocoAnnotation {
  readonly id: number;
  readonly image_id: number;
  readonly category_id: number;
  readonly bbox: readonly [x: number, y: number, width: number, height: number];
  /** Pixels of the mask. */
  readonly area: number;
  readonly iscrowd: 0;
  readonly segmentation: { readonly size: readonly [number, number]; readonly counts: string };
  /** Probability of the class. */
  readonly score: number;
  readonly method: string;
  readonly layer: string;
}

type Line = ResultLine | FailureLine;

/**
 * The boxes and masks of a run as the text of a {@link CocoFile}, piece by piece: a run's lines may be more
 * than fit into memory, and are read three times. Categories are the classes that were explained, in the
 * order of their index; `not:` and contrasts are categories of their own. A blank map has no annotation.
 * Of an image with several lines, as a resumed run may have, the last that is a result counts.
 */
export async function* formatCoco(
  readLines: () => AsyncIterable<Line>,
  run: RunFile,
): AsyncGenerator<string, void> {
  const targets = new Map<string, Target>();
  const lastOf = new Map<string, number>();
  for await (const [line, i] of results(readLines())) {
    lastOf.set(line.image, i);
    for (const { target } of line.explanations) targets.set(keyOf(target), target);
  }
  const categories = listCategories(targets);

  yield `{"info":${JSON.stringify(describeInfo(run))},"images":[`;
  let count = 0;
  for await (const [{ image, width, height }, i] of results(readLines())) {
    if (lastOf.get(image) !== i) continue;
    count += 1;
    yield formatItem(count, { id: count, file_name: image, width, height } satisfies CocoImage);
  }

  yield `],"categories":${JSON.stringify([...categories.values()])},"annotations":[`;
  let [imageId, id] = [0, 0];
  for await (const [line, i] of results(readLines())) {
    if (lastOf.get(line.image) !== i) continue;
    imageId += 1;
    for (const explanation of line.explanations) {
      const category = categories.get(keyOf(explanation.target))!.id;
      const annotation = annotate(explanation, id + 1, imageId, category);
      if (annotation === null) continue;
      id += 1;
      yield formatItem(id, annotation);
    }
  }
  yield ']}\n';
}

/** The lines that are results, with their places among all. */
async function* results(lines: AsyncIterable<Line>): AsyncGenerator<[ResultLine, number], void> {
  let place = 0;
  for await (const line of lines) {
    if (!isFailure(line)) yield [line, place];
    place += 1;
  }
}

/** An item of a list in a line of its own. */
function formatItem(number: number, item: CocoImage | CocoAnnotation): string {
  return `${number === 1 ? '' : ','}\n${JSON.stringify(item)}`;
}

function annotate(
  { box, mask, diagnostics, method, layer }: ResultExplanation,
  id: number,
  imageId: number,
  category: number,
): CocoAnnotation | null {
  if (box === null || mask === undefined) return null;
  return {
    id,
    image_id: imageId,
    category_id: category,
    bbox: [box.x, box.y, box.width, box.height],
    area: mask.area,
    iscrowd: 0,
    segmentation: { size: mask.size, counts: mask.counts },
    // Readers take a missing score for certain; a target without a probability is just that.
    score: diagnostics.probability ?? 1,
    method,
    layer,
  };
}

/** What the boxes of a run are around, by its rule. */
const ruleTexts: Readonly<Record<string, string>> = {
  peak: 'the part of each map above 15 % of its maximum that holds the peak',
  paper: 'the largest part of each map above 15 % of its maximum',
  otsu: "the largest part of each map above Otsu's threshold",
};

function describeInfo(run: RunFile): CocoFile['info'] {
  const rule = ruleTexts[run.settings.box ?? 'paper'] ?? run.settings.box;
  return {
    description: `where ${run.model.id} saw its classes: ${rule}`,
    version: run.versions['gradcam'] ?? '',
    date_created: run.startedAt,
    contributor: `model.json sha256 ${run.model.digest}`,
  };
}

/** Two classes may have one name, so that the index tells them apart. */
function keyOf({ kind, index, than, label }: Target): string {
  return [kind, index, than, ...(kind === 'similar' ? [label] : [])].join(' ');
}

/** Boxes of a class are of one category, whatever their numbers. */
function nameCategory(target: Target): string {
  return target.kind === 'box' ? (target.label ?? String(target.index)) : describeTarget(target);
}

function listCategories(targets: ReadonlyMap<string, Target>): ReadonlyMap<string, CocoCategory> {
  const sorted = [...targets].sort(
    ([a, { index: i }], [b, { index: j }]) => i - j || (a < b ? -1 : 1),
  );
  return new Map(
    sorted.map(([key, target], i) => [
      key,
      { id: i + 1, name: nameCategory(target), class_index: target.index },
    ]),
  );
}
