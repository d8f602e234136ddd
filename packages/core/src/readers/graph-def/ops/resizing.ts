import type { ResizeGrid } from '../../../network/op.ts';
import { contradictory, integersAt, unsupported, type TranslateDef } from '../def-call.ts';
import { imageAt, imageValue } from './images.ts';

/** The grid of samples: from corner to corner, from centre to centre, or TensorFlow 1's default. */
const resize =
  (isNearest: boolean): TranslateDef =>
  (call) => {
    const { attributes, builder } = call;
    const image = imageAt(call, 0);
    const [height, width, ...rest] = integersAt(call, 1, 'size');
    if (height === undefined || width === undefined || rest.length > 0 || height < 1 || width < 1) {
      throw contradictory(call, `its size is [${[height, width, ...rest].join(', ')}]`);
    }
    const alignsCorners = attributes.flag('align_corners', false);
    const hasCentres = attributes.flag('half_pixel_centers', false);
    if (alignsCorners && hasCentres) {
      throw unsupported(
        call,
        'it states align_corners and half_pixel_centers, which exclude each other',
      );
    }
    const shape = [height, width, image.channels];
    const factors = [height / image.height, width / image.width] as const;
    // At an integer factor each cell is repeated the same number of times.
    if (isNearest && !alignsCorners && factors.every(Number.isInteger)) {
      const node = builder.emit({ kind: 'resizeNearest', factors }, [image.node], shape);
      return [imageValue(call, node)];
    }
    const grid = gridOf(isNearest, alignsCorners, hasCentres);
    const node = builder.emit({ kind: 'resize', grid, height, width }, [image.node], shape);
    return [imageValue(call, node)];
  };

function gridOf(isNearest: boolean, alignsCorners: boolean, hasCentres: boolean): ResizeGrid {
  if (alignsCorners) return isNearest ? 'alignedNearest' : 'aligned';
  if (hasCentres) return isNearest ? 'nearest' : 'linear';
  return isNearest ? 'cornerNearest' : 'corner';
}

export const resizingOps: Readonly<Record<string, TranslateDef>> = {
  ResizeBilinear: resize(false),
  ResizeNearestNeighbor: resize(true),
};
