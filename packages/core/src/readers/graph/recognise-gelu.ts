import type { GraphBuilder } from './graph-builder.ts';
import { scalarLine, type WrittenActivation } from './recognise.ts';

/**
 * Exporters write the approximation of GELU by tanh as `x / 2 * (1 + tanh(a x + b x³))`, with the factors
 * in any order and the cube as a power or as products. It is recognised by the numbers of the polynomial
 * within tanh.
 */

/** a = sqrt(2 / pi) and b = 0.044715 a: Hendrycks and Gimpel 2016, equation 2. */
const LINEAR = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715 * LINEAR;

/**
 * Files hold the numbers as float32, some with five digits, so they are compared with this relative
 * tolerance.
 */
const NEAR = 1e-4;

/** Most nodes of one polynomial; exporters write six. */
const MOST_STEPS = 16;

/** Coefficients of 1, x, x² and x³. */
type Polynomial = readonly [number, number, number, number];

/**
 * Recognises the product of a multiple of x and a gate as GELU by tanh.
 *
 * @returns null for any other product.
 */
export function recogniseTanhGelu(
  builder: GraphBuilder,
  multiple: string,
  gate: string,
): WrittenActivation | null {
  const outer = followLines(builder, gate);
  const { op, inputs } = builder.nodes.get(outer.base)!;
  if (op.kind !== 'activation' || op.fn.name !== 'tanh') return null;
  if (!isNear(outer.scale, outer.offset)) return null;
  const own = followLines(builder, multiple);
  const candidates = [{ base: multiple, scale: 1 }, ...(own.offset === 0 ? [own] : [])];
  for (const { base, scale } of candidates) {
    const found = polynomialIn(builder, inputs[0]!, base, { steps: 0 });
    if (found === null) continue;
    const [zero, linear, square, cubic] = found;
    if (zero !== 0 || square !== 0 || !isNear(linear, LINEAR) || !isNear(cubic, CUBIC)) continue;
    return { fn: { name: 'geluTanh' }, input: base, factor: 2 * scale * outer.scale };
  }
  return null;
}

function isNear(value: number, expected: number): boolean {
  return Math.abs(value - expected) <= NEAR * Math.abs(expected);
}

/** The value before all lines `scale * v + offset` that end at a node, and these lines as one. */
function followLines(
  builder: GraphBuilder,
  id: string,
): { base: string; scale: number; offset: number } {
  let [base, scale, offset] = [id, 1, 0];
  for (;;) {
    const { op, inputs } = builder.nodes.get(base)!;
    const line = scalarLine(op);
    if (line === null) return { base, scale, offset };
    offset += scale * line.offset;
    scale *= line.scale;
    base = inputs[0]!;
  }
}

/** A node as a polynomial of x; null where it is none of degree 3 at most. */
function polynomialIn(
  builder: GraphBuilder,
  id: string,
  x: string,
  budget: { steps: number },
): Polynomial | null {
  if (id === x) return [0, 1, 0, 0];
  budget.steps += 1;
  if (budget.steps > MOST_STEPS) return null;
  const { op, inputs } = builder.nodes.get(id)!;
  const line = scalarLine(op);
  if (line === null && op.kind !== 'add' && op.kind !== 'multiply') return null;
  const parts = inputs.map((input) => polynomialIn(builder, input, x, budget));
  const known = parts.filter((part) => part !== null);
  if (known.length < parts.length) return null;
  if (line !== null) {
    const [zero, ...others] = known[0]!.map((one) => one * line.scale);
    return [zero! + line.offset, ...others] as unknown as Polynomial;
  }
  if (op.kind === 'add') {
    return known.reduce((a, b) => a.map((one, i) => one + b[i]!) as unknown as Polynomial);
  }
  return known.reduce<Polynomial | null>(
    (a, b) => (a === null ? null : multiply(a, b)),
    [1, 0, 0, 0],
  );
}

function multiply(a: Polynomial, b: Polynomial): Polynomial | null {
  const product = new Array<number>(7).fill(0);
  a.forEach((one, i) => b.forEach((other, j) => (product[i + j]! += one * other)));
  if (product.slice(4).some((one) => one !== 0)) return null;
  return product.slice(0, 4) as unknown as Polynomial;
}
