import type { GraphBuilder } from './graph-builder.ts';
import { scalarAffine } from './scalar-affine.ts';
import { scalarLine } from './recognise.ts';
import type { ErfTerm, NodeValue, Value } from './value.ts';

/**
 * Exporters write GELU as `x * (1 + erf(x / sqrt 2)) / 2`, with the factors in any order. A value that begins
 * with erf is kept as a term until the product with x is complete, and then becomes one activation.
 */

/** Files hold 1 / sqrt(2) as float32 or as a division, so it is compared with this tolerance. */
const NEAR = 1e-5;

/** Begins a term with the error function of a value. */
export function beginErf(builder: GraphBuilder, x: NodeValue): ErfTerm {
  const node = builder.nodes.get(x.node)!;
  const line = scalarLine(node.op);
  const isScaled = line !== null && line.offset === 0 && line.scale !== 0;
  return {
    kind: 'erf',
    of: isScaled ? { ...x, node: node.inputs[0]! } : x,
    slope: isScaled ? line.scale : 1,
    factor: 1,
    offset: 0,
    isTimesInput: false,
  };
}

/** Multiplies the term by a number. */
export function scaleErf(builder: GraphBuilder, term: ErfTerm, by: number): Value {
  return settle(builder, { ...term, factor: term.factor * by, offset: term.offset * by });
}

/** Adds a number to the term; null where the term is multiplied by x already. */
export function shiftErf(term: ErfTerm, by: number): ErfTerm | null {
  return term.isTimesInput ? null : { ...term, offset: term.offset + by };
}

/** Multiplies the term by x or a multiple of x; null for any other value. */
export function multiplyErf(builder: GraphBuilder, term: ErfTerm, value: NodeValue): Value | null {
  if (term.isTimesInput) return null;
  const node = builder.nodes.get(value.node)!;
  const line = scalarLine(node.op);
  const isMultiple = line !== null && line.offset === 0 && node.inputs[0] === term.of.node;
  if (value.node !== term.of.node && !isMultiple) return null;
  const by = value.node === term.of.node ? 1 : line!.scale;
  const product = { factor: term.factor * by, offset: term.offset * by, isTimesInput: true };
  return settle(builder, { ...term, ...product });
}

/** Turns a term into GELU where the product is complete; an incomplete one stays a term. */
function settle(builder: GraphBuilder, term: ErfTerm): Value {
  const { of, slope, factor, offset, isTimesInput } = term;
  const isGelu =
    isTimesInput &&
    Math.abs(slope * Math.SQRT2 - 1) < NEAR &&
    Math.abs(factor - offset) <= NEAR * Math.abs(factor);
  // The factor of one half may come last.
  if (!isGelu || Math.abs(factor - 0.5) > NEAR) return term;
  const { shape } = builder.nodes.get(of.node)!;
  const node = builder.emit({ kind: 'activation', fn: { name: 'gelu' } }, [of.node], shape);
  return { ...of, node };
}

/** Writes the term as a value of the network where it does not become GELU. */
export function writeErf(builder: GraphBuilder, term: ErfTerm): NodeValue {
  const { of, slope, factor, offset, isTimesInput } = term;
  const { shape } = builder.nodes.get(of.node)!;
  const inner = scalarAffine(builder, of, slope, 0);
  const fn = { name: 'erf' } as const;
  const erf = builder.emit({ kind: 'activation', fn }, [inner.node], shape);
  const line = scalarAffine(builder, { ...of, node: erf }, factor, offset);
  if (!isTimesInput) return line;
  return { ...of, node: builder.emit({ kind: 'multiply' }, [of.node, line.node], shape) };
}
