import type { NdArray } from '../../base/nd-array.ts';
import type { GraphNode } from '../../network/network.ts';
import type { Op, OpKind, OpOf } from '../../network/op.ts';

/**
 * Whether the score rises (1) or falls (-1) with the value of a cell. It is -1 behind a negative scale, such
 * as the gamma of a batch normalisation, and 0 behind a scale of zero.
 */
export type Sign = -1 | 0 | 1;

/** An element of a node's value that the walk from a score back to the picture has reached. */
export interface Cell {
  /** Index in the value, without the batch axis. */
  readonly index: number;
  readonly sign: Sign;
}

/** Reports a cell of one of the node's inputs as reached. */
export type Emit = (input: number, index: number, sign: Sign) => void;

/** Goes from a cell of a node's value to the cells of its inputs that are to be blamed for it. */
export type Cross = (cell: Cell, emit: Emit) => void;

/** Where the authors' program can be read in two ways. */
export interface FixationConvention {
  /**
   * The cell that a convolution's window is replaced by: its `centre`, or the `origin` of the authors'
   * program, output place times stride. Both are equal where the padding is half the kernel.
   */
  readonly window: 'centre' | 'origin';
  /**
   * Whether a batch normalisation with a negative gamma turns the sign of the contributions before it, as it
   * does when it is `folded` into the convolution. The authors' program has it `ignored`.
   */
  readonly batchNorm: 'folded' | 'ignored';
}

/** Everything that a rule may read to cross one node. */
export interface Crossing<O extends Op = Op> {
  readonly op: O;
  readonly node: GraphNode;
  /** Shapes of the inputs, without the batch axis. */
  readonly inputShapes: readonly (readonly number[])[];
  /** Values of an input. Only rules that state so may ask for them. */
  readonly valueOf: (input: number) => Float32Array;
  /** A weight by its role; undefined where the node has none. */
  readonly weightOf: (role: string) => NdArray | undefined;
  /** Inputs that may be followed; for a sum, the one with the fewest layers before it comes first. */
  readonly follows: readonly number[];
  /** Whether the node lies on a residual branch, beside a shortcut. */
  readonly inBranch: boolean;
  /** For a dense layer: the shape of the map [rows, columns, channels] that was flattened before it. */
  readonly flattened: readonly number[] | null;
  readonly convention: FixationConvention;
}

/** How the walk crosses the nodes of one kind. */
export interface Rule<O extends Op = Op> {
  /** Whether the rule looks at the values of the inputs. */
  readonly reads: boolean;
  /** Roles of the weights that the rule looks at. */
  readonly roles: readonly string[];
  /**
   * Whether a cell's row and column stay as they are. Absent means never.
   *
   * @param inputShape shape of the first input.
   */
  readonly keepsPlace?: (
    node: GraphNode & { readonly op: O },
    inputShape: readonly number[],
  ) => boolean;
  readonly cross: (crossing: Crossing<O>) => Cross;
}

/** The rule for one or several kinds of nodes. */
export type RuleOf<K extends OpKind> = Rule<OpOf<K>>;

/** The product of two signs. */
export function timesSign(sign: Sign, factor: number): Sign {
  return (factor > 0 ? sign : factor < 0 ? -sign || 0 : 0) as Sign;
}
