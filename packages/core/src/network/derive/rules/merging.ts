import type { Relation } from '../../op.ts';
import type { Rule, RuleContext } from '../rule.ts';

/**
 * Ops that join several inputs. The gradient of an input that was broadcast along an axis is summed
 * over it.
 */

/** Each summand gets the gradient of the sum. */
export const addRule: Rule<'add'> = (context, index) =>
  sumToInput(context, index, context.upstream);

export const subtractRule: Rule<'subtract'> = (context, index) => {
  const { node, upstream } = context;
  const signed =
    index === 0
      ? upstream
      : context.emit({ kind: 'affine', scale: [-1], offset: [0] }, [upstream], node.shape);
  return sumToInput(context, index, signed);
};

/** Each factor gets the product of the gradient and the other factors. */
export const multiplyRule: Rule<'multiply'> = (context, index) => {
  const { node, upstream } = context;
  const others = node.inputs.filter((_, other) => other !== index);
  const product = context.emit({ kind: 'multiply' }, [upstream, ...others], node.shape);
  return sumToInput(context, index, product);
};

/** For q = a / b the gradient is `dq / b` for a and `-q dq / b` for b. */
export const divideRule: Rule<'divide'> = (context, index) => {
  const { node, upstream, emit } = context;
  const { shape } = node;
  const share = emit({ kind: 'divide' }, [upstream, node.inputs[1]!], shape);
  if (index === 0) return sumToInput(context, 0, share);
  const product = emit({ kind: 'multiply' }, [share, node.name], shape);
  const negative = emit({ kind: 'affine', scale: [-1], offset: [0] }, [product], shape);
  return sumToInput(context, 1, negative);
};

/**
 * The gradient of a factor is again a product: for C = A B it is `dC Bᵀ` for A and `Aᵀ dC` for B.
 */
export const matMulRule: Rule<'matMul'> = (context, index) => {
  const { op, node, upstream } = context;
  const { transposeA, transposeB } = op;
  const [a, b] = node.inputs as [string, string];
  const own = context.inputShape(index);
  // Broadcast leading axes are summed afterwards.
  const shape = [...node.shape.slice(0, -2), ...own.slice(-2)];
  const multiply = (left: [string, boolean], right: [string, boolean]): string =>
    context.emit(
      { kind: 'matMul', transposeA: left[1], transposeB: right[1] },
      [left[0], right[0]],
      shape,
    );
  const product =
    index === 0
      ? transposeA
        ? multiply([b, transposeB], [upstream, true])
        : multiply([upstream, false], [b, !transposeB])
      : transposeB
        ? multiply([upstream, true], [a, transposeA])
        : multiply([a, !transposeA], [upstream, false]);
  if (shape.join() === own.join()) return product;
  return context.emit({ kind: 'sumTo' }, [product], own);
};

/** The larger input gets the whole gradient; of two equal inputs, the first gets it. */
export const maximumRule: Rule<'maximum'> = (context, index) =>
  chooseInput(context, index, index === 0 ? 'greaterEqual' : 'less');

export const minimumRule: Rule<'minimum'> = (context, index) =>
  chooseInput(context, index, index === 0 ? 'lessEqual' : 'greater');

/** Each part gets its own range of the gradient. */
export const concatenateRule: Rule<'concatenate'> = (context, index) => {
  const { axis } = context.op;
  let start = 0;
  for (let before = 0; before < index; before++) start += context.inputShape(before)[axis]!;
  const shape = context.inputShape(index);
  return context.emit({ kind: 'slice', axis, start }, [context.upstream], shape);
};

/** Every summand gets the gradient of its sum. */
export const sumToRule: Rule<'sumTo'> = (context) =>
  context.emit({ kind: 'broadcast' }, [context.upstream], context.inputShape(0));

/** All elements that equal the maximum share its gradient evenly. */
export const maxToRule: Rule<'maxTo'> = (context) => {
  const { node, upstream, emit } = context;
  const { shape } = node;
  const whole = context.inputShape(0);
  const relation = { kind: 'compare', relation: 'greaterEqual' } as const;
  if (shape.join() === whole.join()) return upstream;
  const mask = emit(relation, [node.inputs[0]!, node.name], whole);
  const count = emit({ kind: 'sumTo' }, [mask], shape);
  const share = emit({ kind: 'divide' }, [upstream, count], shape);
  return emit({ kind: 'multiply' }, [mask, share], whole);
};

export const broadcastRule: Rule<'broadcast'> = (context) =>
  sumToInput(context, 0, context.upstream);

/** A comparison is constant around almost every input, so no gradient passes through it. */
export const compareRule: Rule<'compare'> = (context, index) =>
  sumToInput(context, index, context.emit(zero, [context.upstream], context.node.shape));

/** Each of the two values gets the gradient where it was chosen; the condition gets none. */
export const selectRule: Rule<'select'> = (context, index) => {
  const { node, upstream, emit } = context;
  const [condition] = node.inputs as [string];
  if (index === 0) return sumToInput(context, 0, emit(zero, [upstream], node.shape));
  const nothing = emit(zero, [upstream], node.shape);
  const sides = index === 1 ? [upstream, nothing] : [nothing, upstream];
  return sumToInput(context, index, emit({ kind: 'select' }, [condition, ...sides], node.shape));
};

const zero = { kind: 'affine', scale: [0], offset: [0] } as const;

type JoinContext = Omit<RuleContext, 'op'>;

function chooseInput(context: JoinContext, index: number, relation: Relation): string {
  const { node, upstream } = context;
  const mask = context.emit({ kind: 'compare', relation }, node.inputs, node.shape);
  const chosen = context.emit({ kind: 'multiply' }, [upstream, mask], node.shape);
  return sumToInput(context, index, chosen);
}

function sumToInput(context: JoinContext, index: number, gradient: string): string {
  const shape = context.inputShape(index);
  if (shape.join() === context.node.shape.join()) return gradient;
  return context.emit({ kind: 'sumTo' }, [gradient], shape);
}
