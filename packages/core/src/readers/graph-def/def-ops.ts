import type { TranslateDef } from './def-call.ts';
import { activationOps } from './ops/activations.ts';
import { arithmeticOps } from './ops/arithmetic.ts';
import { axisOps } from './ops/axes.ts';
import { blockOps } from './ops/blocks.ts';
import { conditionOps } from './ops/conditions.ts';
import { convolutionOps } from './ops/convolution.ts';
import { listOps } from './ops/lists.ts';
import { matrixOps } from './ops/matrices.ts';
import { paddingOps } from './ops/padding.ts';
import { partOps } from './ops/parts.ts';
import { passThroughOps } from './ops/pass-through.ts';
import { poolingOps } from './ops/pooling.ts';
import { resizingOps } from './ops/resizing.ts';

/** Ops of TensorFlow that are translated, by their names. */
export const defOps: ReadonlyMap<string, TranslateDef> = new Map(
  Object.entries({
    ...activationOps,
    ...arithmeticOps,
    ...conditionOps,
    ...convolutionOps,
    ...listOps,
    ...matrixOps,
    ...poolingOps,
    ...resizingOps,
    ...axisOps,
    ...partOps,
    ...paddingOps,
    ...blockOps,
    ...passThroughOps,
  }),
);
