import type { ActivationFunction, Op, OpKind, OpOf, ReluShape } from '../../../network/op.ts';
import type { EmitOptions, LayerCall, Value } from './layer-reader.ts';

/**
 * A value of a formula whose nodes are not emitted yet. They are emitted once it is known which node is the
 * last.
 */
export interface Term {
  readonly shape: readonly number[];
  /**
   * Emits the nodes that the term depends on, and then the term itself, as the layer's output or as one of
   * its steps.
   */
  write(as: 'output' | 'step'): Value;
}

/** One number for all elements, or one for each element of the last axis. */
export type Numbers = readonly number[];

/** Builds formulas from the op set, for layers and operators that need more than one op. */
export interface Terms {
  of(value: Value): Term;
  apply(op: Op, inputs: readonly Term[], shape?: readonly number[], options?: TermOptions): Term;
  /** `x * scale + offset` */
  affine(x: Term, scale: Numbers, offset: Numbers): Term;
  relu(x: Term, shape?: Partial<ReluShape>): Term;
  fn(x: Term, fn: ActivationFunction): Term;
  sigmoid(x: Term): Term;
  add(a: Term, b: Term): Term;
  subtract(a: Term, b: Term): Term;
  multiply(a: Term, b: Term): Term;
  /** 1 where x is greater than the number, else 0. */
  above(x: Term, threshold: number): Term;
  /** Sums over axes, which keep size 1. The batch is not counted. */
  sum(x: Term, axes: readonly number[]): Term;
  reshape(x: Term, shape: readonly number[]): Term;
  /** `length` elements from `start` on along an axis. */
  slice(x: Term, axis: number, start: number, length: number): Term;
  concatenate(parts: readonly Term[], axis: number): Term;
}

export type TermOptions = Pick<EmitOptions, 'weights' | 'isActivation'>;

/**
 * Writes terms as nodes of a layer. The last node has the layer's name, and those before it are its steps.
 */
export function createTerms(call: Pick<LayerCall, 'emit'>): Terms {
  let steps = 0;
  const of = (value: Value): Term => ({ shape: value.shape, write: () => value });
  const apply: Terms['apply'] = (op, inputs, shape = joinShapes(inputs), options = {}) => {
    let made: Value | null = null;
    return {
      shape,
      write(as) {
        if (made !== null) return made;
        const values = inputs.map((input) => input.write('step'));
        const part = as === 'output' ? {} : { part: `step ${++steps}` };
        made = call.emit(op, values, shape, { ...options, ...part });
        return made;
      },
    };
  };
  const simple = <K extends 'add' | 'subtract' | 'multiply' | 'sigmoid'>(kind: K & OpKind) => {
    const op = { kind } as OpOf<K>;
    return (...inputs: Term[]): Term => apply(op as Op, inputs);
  };
  const affine: Terms['affine'] = (x, scale, offset) =>
    apply({ kind: 'affine', scale, offset }, [x]);
  return {
    of,
    apply,
    affine,
    relu: (x, { max = null, slope = 0 } = {}) => apply({ kind: 'relu', max, slope }, [x]),
    fn: (x, fn) => apply({ kind: 'activation', fn }, [x]),
    sigmoid: simple('sigmoid'),
    add: simple('add'),
    subtract: simple('subtract'),
    multiply: simple('multiply'),
    above: (x, threshold) =>
      apply({ kind: 'compare', relation: 'greater' }, [x, affine(x, [0], [threshold])]),
    sum: (x, axes) =>
      apply(
        { kind: 'sumTo' },
        [x],
        x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
      ),
    reshape: (x, shape) => apply({ kind: 'reshape' }, [x], shape),
    slice: (x, axis, start, length) =>
      apply(
        { kind: 'slice', axis, start },
        [x],
        x.shape.map((size, i) => (i === axis ? length : size)),
      ),
    concatenate(parts, axis) {
      const total = parts.reduce((sum, { shape }) => sum + shape[axis]!, 0);
      const shape = parts[0]!.shape.map((size, i) => (i === axis ? total : size));
      return apply({ kind: 'concatenate', axis }, parts, shape);
    },
  };
}

/** The shape that results from broadcasting values of equal rank: axes of size 1 are repeated. */
function joinShapes(inputs: readonly Term[]): readonly number[] {
  const [first, ...others] = inputs.map(({ shape }) => shape) as [readonly number[]];
  return first.map((size, axis) =>
    others.reduce((most, shape) => Math.max(most, shape[axis]!), size),
  );
}
