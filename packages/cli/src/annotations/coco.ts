import {
  isFailure,
  type FailureLine,
  type ResultLine,
  type RunFile,
  type Target,
} from '@gradcam/core';
import { describeTarget } from '../explain/describe-target.ts';

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

/**
 * The boxes and masks of a run. Categories are the classes that were explained, in the order of
 * their index; `not:` and contrasts are categories of their own. A blank map has no annotation. Of an
 * image with several lines, as a resumed run may have, the last that is a result counts.
 */
export function describeAsCoco(
  lines: readonly (ResultLine | FailureLine)[],
  run: RunFile,
): CocoFile {
  const results = new Map<string, ResultLine>();
  for (const line of lines) if (!isFailure(line)) results.set(line.image, line);
  const categories = listCategories([...results.values()]);
  const images: CocoImage[] = [];
  const annotations: CocoAnnotation[] = [];
  for (const { image, width, height, explanations } of results.values()) {
    const imageId = images.length + 1;
    images.push({ id: imageId, file_name: image, width, height });
    for (const { target, box, mask, diagnostics, method, layer } of explanations) {
      if (box === null || mask === undefined) continue;
      annotations.push({
        id: annotations.length + 1,
        image_id: imageId,
        category_id: categories.get(keyOf(target))!.id,
        bbox: [box.x, box.y, box.width, box.height],
        area: mask.area,
        iscrowd: 0,
        segmentation: { size: mask.size, counts: mask.counts },
        score: diagnostics.probability,
        method,
        layer,
      });
    }
  }
  const rule = run.settings.box === 'otsu' ? "Otsu's threshold" : '15 % of the maximum';
  return {
    info: {
      description: `where ${run.model.id} saw its classes: the largest part of each map above ${rule}`,
      version: run.versions['gradcam'] ?? '',
      date_created: run.startedAt,
      contributor: `model.json sha256 ${run.model.digest}`,
    },
    images,
    categories: [...categories.values()],
    annotations,
  };
}

/** Two classes may have one name, so that the index tells them apart. */
function keyOf({ kind, index, than }: Target): string {
  return [kind, index, than].join(' ');
}

function listCategories(results: readonly ResultLine[]): ReadonlyMap<string, CocoCategory> {
  const targets = new Map<string, Target>();
  for (const { target } of results.flatMap(({ explanations }) => explanations)) {
    targets.set(keyOf(target), target);
  }
  const sorted = [...targets].sort(
    ([a, { index: i }], [b, { index: j }]) => i - j || (a < b ? -1 : 1),
  );
  return new Map(
    sorted.map(([key, target], i) => [
      key,
      { id: i + 1, name: describeTarget(target), class_index: target.index },
    ]),
  );
}
