import type { TranslateDef } from './def-call.ts';
import { activationOps } from './ops/activations.ts';
import { arithmeticOps } from './ops/arithmetic.ts';
import { convolutionOps } from './ops/convolution.ts';
import { matrixOps } from './ops/matrices.ts';
import { poolingOps } from './ops/pooling.ts';
import { resizingOps } from './ops/resizing.ts';
import { shapeOps } from './ops/shapes.ts';

/** Ops of TensorFlow that are translated, by their names. */
export const defOps: ReadonlyMap<string, TranslateDef> = new Map(
  Object.entries({
    ...activationOps,
    ...arithmeticOps,
    ...convolutionOps,
    ...matrixOps,
    ...poolingOps,
    ...resizingOps,
    ...shapeOps,
  }),
);
