import { onlyNumber } from '../../graph/constant.ts';
import { cumulativeSum } from '../../graph/fold/cumulative-sum.ts';
import {
  constantInput,
  constantInputs,
  type Fold,
  type FoldTable,
} from '../../graph/fold/fold-node.ts';
import {
  gatherConstant,
  gatherNdConstant,
  scatterConstant,
  sliceConstant,
  splitConstant,
} from '../../graph/fold/indexing.ts';
import { concatenateConstants } from '../../graph/fold/rearrange.ts';
import { reduceConstant, type Reduction } from '../../graph/fold/reduce.ts';
import { axisOf, unsupported, type OnnxCall } from '../onnx-call.ts';
import { foldTriangle } from '../ops/triangle.ts';
import { readSlices, reducedAxes, splitSizes } from '../shape-rules.ts';

/** Folds along axes: parts of constants, constants put together, and sums. */

const concatenate: Fold<OnnxCall> = (call) =>
  concatenateConstants(call, constantInputs(call), call.attributes.integer('axis', 0));

const slice: Fold<OnnxCall> = (call) => {
  const x = constantInput(call, 0);
  const stretches = x.shape.map((length) => ({ start: 0, step: 1, length }));
  for (const { axis, ...stretch } of readSlices(call, x.shape)) stretches[axis] = stretch;
  return sliceConstant(x, call.name, stretches);
};

const gather: Fold<OnnxCall> = (call) => {
  const axis = call.attributes.integer('axis', 0);
  return gatherConstant(call, constantInput(call, 0), axis, constantInput(call, 1));
};

const gatherNd: Fold<OnnxCall> = (call) => {
  const shared = call.attributes.integer('batch_dims', 0);
  return gatherNdConstant(call, constantInput(call, 0), constantInput(call, 1), shared);
};

const split: Fold<OnnxCall> = (call) => {
  const x = constantInput(call, 0);
  const axis = axisOf(call, call.attributes.integer('axis', 0), x.shape.length);
  return splitConstant(x, axis, splitSizes(call, x.shape[axis]!), (i) => call.outputs[i] ?? '');
};

const scatter: Fold<OnnxCall> = (call) => {
  const reduction = call.attributes.text('reduction', 'none');
  if (reduction !== 'none') throw unsupported(call, `reduction '${reduction}' is not supported`);
  const [x, indices, updates] = [0, 1, 2].map((i) => constantInput(call, i));
  return scatterConstant(call, x!, indices!, updates!);
};

const cumulate: Fold<OnnxCall> = (call) => {
  const x = constantInput(call, 0);
  return cumulativeSum(x, call.name, {
    axis: axisOf(call, onlyNumber(constantInput(call, 1)) ?? 0, x.shape.length),
    isExclusive: call.attributes.flag('exclusive', false),
    isReversed: call.attributes.flag('reverse', false),
  });
};

const reduce =
  (reduction: Reduction): Fold<OnnxCall> =>
  (call) => {
    const x = constantInput(call, 0);
    const keeps = call.attributes.flag('keepdims', true);
    return reduceConstant(x, call.name, reduction, reducedAxes(call, x.shape.length), keeps);
  };

export const partFolds: FoldTable<OnnxCall> = {
  Concat: concatenate,
  Slice: slice,
  Split: split,
  Gather: gather,
  GatherND: gatherNd,
  ScatterND: scatter,
  CumSum: cumulate,
  Trilu: foldTriangle,
  ReduceSum: reduce('sum'),
  ReduceMean: reduce('mean'),
  ReduceProd: reduce('product'),
  ReduceMax: reduce('max'),
  ReduceMin: reduce('min'),
};
