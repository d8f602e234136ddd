import type { GradcamError } from '../../base/errors.ts';
import type { Constant } from './constant.ts';

/**
 * A value of a model's graph while it is translated, with all its axes as the file has them, at a batch of
 * one.
 *
 * The network stores a value without its batch axis and an image with its channels last. So each value
 * carries which of its axes stand where: a transposition only says it anew, and nothing is moved until an op
 * needs another order.
 */
export interface NodeValue {
  readonly kind: 'node';
  /** Id of the node that holds it. */
  readonly node: string;
  /** All axes as the file has them; the batch axis is 1. */
  readonly shape: readonly number[];
  /** Axes as they are stored, of each its place in `shape`; axes that are left out have size 1. */
  readonly order: readonly number[];
  /**
   * The axis that counts the items of a batch, which is never stored; null where the file has merged it into
   * another (windows of an image): each item is computed as if it were alone, so nothing else changes.
   */
  readonly batch: number | null;
  /** The axis that holds channels, where that is known: such a value is an image or a list of tokens. */
  readonly channels: number | null;
}

/** What is known of `a + b * erf(k x)`, times x, until it turns out to be GELU: see `gelu.ts`. */
export interface ErfTerm {
  readonly kind: 'erf';
  readonly of: NodeValue;
  /** k, of the erf's argument. */
  readonly slope: number;
  /** Factor of the erf. */
  readonly factor: number;
  /** What is added to it. */
  readonly offset: number;
  /** Whether all is multiplied by x. */
  readonly isTimesInput: boolean;
}

/** Whether a value is a number, or above a bound: part of what exporters write around a function. */
export interface Condition {
  readonly kind: 'condition';
  readonly of: NodeValue;
  readonly is: 'notANumber' | 'above';
  /** Why it cannot be computed where it turns out to be something else. */
  readonly error: GradcamError;
}

/** A value that cannot be computed here, and why; it matters only where an output needs it. */
export interface Failure {
  readonly kind: 'failure';
  readonly error: GradcamError;
}

export type Value = Constant | NodeValue | ErfTerm | Condition | Failure;
