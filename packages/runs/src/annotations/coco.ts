import {
  isFailure,
  lineKey,
  questionOfLine,
  type FailureLine,
  type ResultExplanation,
  type ResultLine,
  type RunFile,
  type Target,
} from '@gradcam/core';
import { describeTarget } from '../paint/describe-target.ts';

/**
 * A file in COCO's object detection format. It has further fields of this project, which readers of COCO
 * files ignore.
 */
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
  /** `image` of the image's line. */
  readonly file_name: string;
  readonly width: number;
  readonly height: number;
}

export interface CocoCategory {
  readonly id: number;
  readonly name: string;
  /** Index of the class in the model. Ids begin at 1, since many readers keep 0 for the background. */
  readonly class_index: number;
}

export interface CocoAnnotation {
  readonly id: number;
  readonly image_id: number;
  readonly category_id: number;
  readonly bbox: readonly [x: number, y: number, width: number, height: number];
  /** Number of pixels in the mask. */
  readonly area: number;
  readonly iscrowd: 0;
  readonly segmentation: { readonly size: readonly [number, number]; readonly counts: string };
  /** Probability of the class; 1 where the target has none. */
  readonly score: number;
  readonly method: string;
  readonly layer: string;
  /** The question that the annotated answer belongs to. */
  readonly question?: string;
}

type Line = ResultLine | FailureLine;

/**
 * Yields the boxes and masks of a run as the text of a {@link CocoFile}, piece by piece: the lines of a run
 * may not fit into memory, and so they are read three times. Categories are the classes that were explained,
 * in the order of their index; `not:` and contrasts are categories of their own. A blank map has no
 * annotation. Where an image has several lines about one question, as a resumed run may have, the last result
 * counts.
 */
export async function* formatCoco(
  readLines: () => AsyncIterable<Line>,
  run: RunFile,
): AsyncGenerator<string, void> {
  const targets = new Map<string, Target>();
  const lastOf = new Map<string, number>();
  for await (const [line, i] of results(readLines())) {
    lastOf.set(lineKey(line), i);
    for (const { target } of line.explanations) targets.set(keyOf(target), target);
  }
  const categories = listCategories(targets);

  yield `{"info":${JSON.stringify(describeInfo(run))},"images":[`;
  const ids = new Map<string, number>();
  for await (const [line, i] of results(readLines())) {
    const { image, width, height } = line;
    // Several questions about an image are annotations of one picture.
    if (lastOf.get(lineKey(line)) !== i || ids.has(image)) continue;
    const id = ids.size + 1;
    ids.set(image, id);
    yield formatItem(id, { id, file_name: image, width, height } satisfies CocoImage);
  }

  yield `],"categories":${JSON.stringify([...categories.values()])},"annotations":[`;
  let id = 0;
  for await (const [line, i] of results(readLines())) {
    if (lastOf.get(lineKey(line)) !== i) continue;
    const imageId = ids.get(line.image)!;
    const question = questionOfLine(line);
    for (const explanation of line.explanations) {
      const category = categories.get(keyOf(explanation.target))!.id;
      const annotation = annotate(explanation, id + 1, imageId, category);
      if (annotation === null) continue;
      id += 1;
      yield formatItem(id, { ...annotation, ...(question !== undefined && { question }) });
    }
  }
  yield ']}\n';
}

/** The lines that are results, each with its position among all lines. */
async function* results(lines: AsyncIterable<Line>): AsyncGenerator<[ResultLine, number], void> {
  let place = 0;
  for await (const line of lines) {
    if (!isFailure(line)) yield [line, place];
    place += 1;
  }
}

/** An item of a list on a line of its own. */
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
    // Readers take a missing score for 1, so a target without a probability gets that.
    score: diagnostics.probability ?? 1,
    method,
    layer,
  };
}

/** A description of what the boxes of a run enclose, by the rule of the run. */
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

/** Two classes may have the same name, so the key holds the index. */
function keyOf({ kind, index, than, label }: Target): string {
  return [kind, index, than, ...(kind === 'similar' ? [label] : [])].join(' ');
}

/** All boxes of a class share one category, whatever their numbers, and so do all places of a word. */
function nameCategory(target: Target): string {
  return target.kind === 'box' || target.kind === 'word'
    ? (target.label ?? String(target.index))
    : describeTarget(target);
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
