import { countElements } from '../../base/nd-array.ts';
import { takenFrom } from '../../network/grid/taken-elements.ts';
import { timesSign, type Rule, type RuleOf } from './crossing.ts';
import { broadcastIndex, indexAt, placeOf } from './multi-index.ts';

/** Ops that compute each element from the one at its place: activations, and changes of the shape. */
export const samePlaceRule: Rule = {
  reads: false,
  roles: [],
  keepsPlace: ({ op, shape }, inputShape) =>
    op.kind !== 'reshape' || shape.join() === inputShape.join(),
  cross:
    () =>
    ({ index, sign }, emit) =>
      emit(0, index, sign),
};

/** Scales of the last axis: the sign of the scale is passed on. */
export const scaleRule: RuleOf<'channelScale' | 'affine' | 'layerNorm'> = {
  reads: false,
  roles: ['scale', 'gamma'],
  keepsPlace: () => true,
  cross({ op, weightOf }) {
    const scale = op.kind === 'affine' ? op.scale : (weightOf('scale') ?? weightOf('gamma'))?.data;
    return ({ index, sign }, emit) => {
      emit(0, index, scale === undefined ? sign : timesSign(sign, scale[index % scale.length]!));
    };
  },
};

/** A batch normalisation, folded into what is before it: a negative gamma turns the sign. */
export const batchNormRule: RuleOf<'batchNorm'> = {
  reads: false,
  roles: ['gamma'],
  keepsPlace: () => true,
  cross({ weightOf, convention }) {
    const gamma = convention.batchNorm === 'folded' ? weightOf('gamma')?.data : undefined;
    return ({ index, sign }, emit) => {
      emit(0, index, gamma === undefined ? sign : timesSign(sign, gamma[index % gamma.length]!));
    };
  },
};

/** Padding and cropping move the place; a place on the padding becomes the nearest one on the image. */
export const padRule: RuleOf<'pad' | 'padWith' | 'crop'> = {
  reads: false,
  roles: [],
  cross({ op, node, inputShapes }) {
    const [height, width] = inputShapes[0] as [number, number];
    const factor = op.kind === 'crop' ? 1 : -1;
    const clamp = (at: number, size: number): number => Math.min(size - 1, Math.max(0, at));
    return ({ index, sign }, emit) => {
      const [y, x, channel] = placeOf(index, node.shape) as [number, number, number];
      const row = clamp(y + factor * op.padding.top, height);
      const column = clamp(x + factor * op.padding.left, width);
      emit(0, indexAt([row, column, channel], inputShapes[0]!), sign);
    };
  },
};

/** A join along an axis: the place says which input it came from. */
export const concatenateRule: RuleOf<'concatenate'> = {
  reads: false,
  roles: [],
  keepsPlace: ({ op, shape }) => op.axis === shape.length - 1,
  cross({ op, node, inputShapes, follows }) {
    return ({ index, sign }, emit) => {
      const place = placeOf(index, node.shape);
      let input = 0;
      while (place[op.axis]! >= inputShapes[input]![op.axis]!) {
        place[op.axis]! -= inputShapes[input]![op.axis]!;
        input++;
      }
      if (follows.includes(input)) emit(input, indexAt(place, inputShapes[input]!), sign);
    };
  },
};

/** Elements that are taken from an axis. */
export const takeRule: RuleOf<'slice' | 'stride' | 'gather'> = {
  reads: false,
  roles: [],
  keepsPlace: ({ op, shape }) => op.axis === shape.length - 1,
  cross({ op, node, inputShapes }) {
    const taken = takenFrom(op, node.shape[op.axis]!);
    return ({ index, sign }, emit) => {
      const place = placeOf(index, node.shape);
      place[op.axis] = taken.at(place[op.axis]!);
      emit(0, indexAt(place, inputShapes[0]!), sign);
    };
  },
};

export const permuteRule: RuleOf<'permute'> = {
  reads: false,
  roles: [],
  cross({ op, node, inputShapes }) {
    return ({ index, sign }, emit) => {
      const place = placeOf(index, node.shape);
      const from = new Array<number>(place.length);
      op.dims.forEach((axis, i) => (from[axis] = place[i]!));
      emit(0, indexAt(from, inputShapes[0]!), sign);
    };
  },
};

/** A value that is repeated comes from where it was repeated from. */
export const broadcastRule: RuleOf<'broadcast'> = {
  reads: false,
  roles: [],
  cross:
    ({ node, inputShapes }) =>
    (cell, emit) => {
      emit(0, broadcastIndex(cell.index, node.shape, inputShapes[0]!), cell.sign);
    },
};

export const resizeNearestRule: RuleOf<'resizeNearest'> = {
  reads: false,
  roles: [],
  cross({ op, node, inputShapes }) {
    return ({ index, sign }, emit) => {
      const [y, x, channel] = placeOf(index, node.shape) as [number, number, number];
      const [row, column] = [Math.floor(y / op.factors[0]), Math.floor(x / op.factors[1])];
      emit(0, indexAt([row, column, channel], inputShapes[0]!), sign);
    };
  },
};

/** A sum or maximum over whole axes, such as a mean over the grid: the largest of its elements. */
export const reduceRule: RuleOf<'sumTo' | 'maxTo'> = {
  reads: true,
  roles: [],
  cross({ node, inputShapes, valueOf }) {
    const [shape] = inputShapes as [readonly number[]];
    const value = valueOf(0);
    // Sizes of the axes that are summed over; 1 for the others.
    const block = shape.map((size, axis) => (node.shape[axis] === 1 ? size : 1));
    const count = countElements(block);
    return ({ index, sign }, emit) => {
      const place = placeOf(index, node.shape);
      let [best, most] = [-1, -Infinity];
      for (let i = 0; i < count; i++) {
        const at = indexAt(
          placeOf(i, block).map((offset, axis) => place[axis]! + offset),
          shape,
        );
        if (sign * value[at]! > most) [best, most] = [at, sign * value[at]!];
      }
      if (best >= 0) emit(0, best, sign);
    };
  },
};
