import type { ResultExplanation } from '@gradcam/core';
import type { PictureKind } from '../state/view.ts';

/** Chooses the picture to show: the requested kind, or the next best kind that the run contains. */
export function choosePicture(
  files: ResultExplanation['files'],
  wanted: PictureKind,
): { kind: PictureKind; path: string } | null {
  for (const kind of [wanted, 'overlay', 'heatmap', 'original'] as const) {
    const path = files[kind];
    if (path !== undefined) return { kind, path };
  }
  return null;
}
