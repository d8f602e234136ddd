/** A box by two corners, in any unit. */
export interface Corners {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A box with its class and score. */
export interface Candidate extends Corners {
  /** The place of the output that holds the box. */
  readonly place: number;
  readonly classIndex: number;
  readonly score: number;
}

/** Intersection over union, 0..1; 0 for boxes without area. */
export function overlap(a: Corners, b: Corners): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const both = width * height;
  return both / (areaOf(a) + areaOf(b) - both);
}

function areaOf({ left, top, right, bottom }: Corners): number {
  return (right - left) * (bottom - top);
}

/**
 * Non-maximum suppression within each class. From the best score on, a box stays if it overlaps no
 * better box of its class by more than `iou`. Boxes with equal scores keep the order of their places.
 *
 * @param most largest number of boxes that stay.
 * @returns the boxes that stay, the best first.
 */
export function suppress(
  candidates: readonly Candidate[],
  iou: number,
  most: number,
): readonly Candidate[] {
  const kept: Candidate[] = [];
  const ranked = [...candidates].sort((a, b) => b.score - a.score || a.place - b.place);
  for (const one of ranked) {
    if (kept.length === most) break;
    const isCovered = kept.some(
      (better) => better.classIndex === one.classIndex && overlap(better, one) > iou,
    );
    if (!isCovered) kept.push(one);
  }
  return kept;
}
