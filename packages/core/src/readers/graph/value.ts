import type { GradcamError } from '../../base/errors.ts';
import type { Constant } from './constant.ts';

/**
 * A computed value of a model's graph while it is translated, with all its axes as the file has them, at a
 * batch of one.
 *
 * The network stores a value without its batch axis and an image with its channels last. Each value therefore
 * records in which order its axes are stored. A transposition only changes this record, and nothing is moved
 * until an op needs another order.
 */
export interface NodeValue {
  readonly kind: 'node';
  /** Id of the node that holds it. */
  readonly node: string;
  /** Sizes of all axes as the file has them; the batch axis has size 1. */
  readonly shape: readonly number[];
  /** The stored axes in order, each as its index in `shape`; axes that are left out have size 1. */
  readonly order: readonly number[];
  /**
   * The batch axis, which is never stored. Null where the file has merged the batch into another axis, as for
   * windows of an image: each picture is computed as if it were alone, so the result is the same.
   */
  readonly batch: number | null;
  /** The axis of the channels of an image or a list of tokens; null where it is not known. */
  readonly channels: number | null;
  /**
   * Whether the file computes it in whole numbers. Only nodes that are copied, or that cast it, may take
   * such a value: a division of whole numbers is another one.
   */
  readonly element?: 'integer';
}

/** The term `offset + factor * erf(slope * x)`, perhaps times x, which may become GELU: see `gelu.ts`. */
export interface ErfTerm {
  readonly kind: 'erf';
  readonly of: NodeValue;
  /** The factor within erf. */
  readonly slope: number;
  /** The factor of erf. */
  readonly factor: number;
  /** The number that is added. */
  readonly offset: number;
  /** Whether the whole term is multiplied by x. */
  readonly isTimesInput: boolean;
}

/** A truth value that is computed from the picture. */
export interface Condition {
  readonly kind: 'condition';
  /** 1 where it holds, 0 elsewhere. */
  readonly value: NodeValue;
  /** What exporters write around a function: whether a node is no number, or above a large bound. */
  readonly of: { readonly node: string; readonly is: 'notANumber' | 'above' } | null;
}

/** A list of values, as loops of TensorFlow have. An item is null before it is written. */
export interface ValueList {
  readonly kind: 'list';
  readonly items: readonly (Value | null)[];
}

/** A value that is not supported, and the reason. It is an error only where an output needs the value. */
export interface Failure {
  readonly kind: 'failure';
  readonly error: GradcamError;
}

export type Value = Constant | NodeValue | ErfTerm | Condition | ValueList | Failure;
