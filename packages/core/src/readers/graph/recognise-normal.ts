import { scalarLine } from './recognise.ts';
import type { DraftNode, GraphBuilder } from './graph-builder.ts';

/** A layer normalisation that a file writes out as several ops. */
export interface WrittenNormal {
  readonly input: string;
  readonly epsilon: number;
}

/** Files hold 1 / n as float32, so it is compared with this relative tolerance. */
const NEAR = 1e-6;

/**
 * Recognises `(x - mean) / sqrt(variance + epsilon)` over the last stored axis, and the same as a product
 * with the reciprocal root.
 *
 * @param deviation the node of `x - mean`.
 * @param root the node of the root.
 * @param exponent 1/2 for a division by the root, -1/2 for a product with its reciprocal.
 * @returns null for any other pair.
 */
export function recogniseNormal(
  { nodes }: GraphBuilder,
  deviation: string,
  root: string,
  exponent: 0.5 | -0.5,
): WrittenNormal | null {
  const { op, inputs } = nodes.get(deviation)!;
  const [x = '', mean = ''] = inputs;
  if (op.kind !== 'subtract' || meanOf(nodes, mean) !== x) return null;
  const base = powerBase(nodes, root, exponent);
  const sum = base === null ? null : nodes.get(skipReshapes(nodes, base))!;
  const line = sum === null ? null : scalarLine(sum.op);
  if (sum === null || line === null || line.scale !== 1 || line.offset <= 0) return null;
  const squares = meanOf(nodes, sum.inputs[0]!);
  const square = squares === null ? undefined : nodes.get(squares);
  if (square?.op.kind !== 'multiply' || square.inputs.length !== 2) return null;
  const isSquare = square.inputs.every((factor) => isSame(nodes, factor, deviation));
  return isSquare ? { input: x, epsilon: line.offset } : null;
}

type Nodes = ReadonlyMap<string, DraftNode>;

/** Whether two nodes are one, or two differences of the same values, as some exporters write them. */
function isSame(nodes: Nodes, one: string, other: string): boolean {
  if (one === other) return true;
  const [a, b] = [nodes.get(one)!, nodes.get(other)!];
  return (
    a.op.kind === 'subtract' && b.op.kind === 'subtract' && a.inputs.join() === b.inputs.join()
  );
}

/** The value whose power is a node, through powers of powers; null where the exponent is another one. */
function powerBase(nodes: Nodes, id: string, exponent: number): string | null {
  let [base, found] = [skipReshapes(nodes, id), 1];
  for (;;) {
    const { op, inputs } = nodes.get(base)!;
    if (op.kind !== 'activation' || op.fn.name !== 'power') break;
    found *= op.fn.exponent;
    base = skipReshapes(nodes, inputs[0]!);
  }
  return found === exponent ? base : null;
}

/** The value whose mean over its last axis is a node; null for any other node. */
function meanOf(nodes: Nodes, id: string): string | null {
  const scaled = nodes.get(skipReshapes(nodes, id))!;
  const line = scalarLine(scaled.op);
  if (line === null || line.offset !== 0) return null;
  const sum = nodes.get(skipReshapes(nodes, scaled.inputs[0]!))!;
  if (sum.op.kind !== 'sumTo') return null;
  const [x = ''] = sum.inputs;
  const { shape } = nodes.get(x)!;
  const size = shape.at(-1) ?? 1;
  const isOverLast = [...shape.slice(0, -1), 1].join() === sum.shape.join();
  return isOverLast && Math.abs(line.scale * size - 1) < NEAR ? x : null;
}

/** The value before reshapes that only add or drop axes of size 1. */
function skipReshapes(nodes: Nodes, id: string): string {
  const { op, inputs, shape } = nodes.get(id)!;
  const [before = ''] = inputs;
  if (op.kind !== 'reshape') return id;
  const long = (sizes: readonly number[]): string => sizes.filter((size) => size !== 1).join();
  return long(shape) === long(nodes.get(before)!.shape) ? skipReshapes(nodes, before) : id;
}
