import type { Constant } from '../graph/constant.ts';
import type { WholeDefNode } from './graph-def.ts';
import { handedInput } from './handed-input.ts';

const RESIZING: ReadonlySet<string> = new Set(['ResizeBilinear', 'ResizeNearestNeighbor']);

/** Ops that a picture may pass before it is resized: scaling, with a constant as the other input. */
const SCALING: ReadonlySet<string> = new Set(['Sub', 'Add', 'AddV2', 'Mul', 'RealDiv', 'Div']);

/** The largest side. A graph that resizes to more is not taken at its word. */
const MOST_SIDE = 4096;

/** The most steps from the resizing back to the picture. */
const MOST_STEPS = 64;

/**
 * The size to which a graph resizes its pictures before anything else, as detectors do that take pictures of
 * any size; null where it does not.
 */
export function findOwnSize(
  nodes: readonly WholeDefNode[],
  constants: ReadonlyMap<string, Constant>,
): readonly [height: number, width: number] | null {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const sizes = nodes.flatMap((node): (readonly [number, number])[] => {
    const size = RESIZING.has(node.op) ? constants.get(node.inputs[1] ?? '') : undefined;
    if (size === undefined || !takesPicture(node, byName, constants)) return [];
    const [height = 0, width = 0] = size.shape.join() === '2' ? size.values() : [];
    const isSize = [height, width].every(
      (side) => Number.isInteger(side) && side > 1 && side <= MOST_SIDE,
    );
    return isSize ? [[height, width]] : [];
  });
  const [first] = sizes;
  return sizes.every((size) => size.join() === first?.join()) ? (first ?? null) : null;
}

function takesPicture(
  start: WholeDefNode,
  nodes: ReadonlyMap<string, WholeDefNode>,
  constants: ReadonlyMap<string, Constant>,
): boolean {
  let at: WholeDefNode | undefined = start;
  for (let step = 0; at !== undefined && step < MOST_STEPS; step++) {
    if (at.op.startsWith('Placeholder')) return true;
    const { op, inputs }: WholeDefNode = at;
    const isScaling = SCALING.has(op) && inputs.some((name) => constants.has(name));
    const before: string | undefined = RESIZING.has(op)
      ? inputs[0]
      : isScaling
        ? inputs.find((name) => !constants.has(name))
        : handedInput(at)?.node;
    at = before === undefined ? undefined : nodes.get(before);
  }
  return false;
}
