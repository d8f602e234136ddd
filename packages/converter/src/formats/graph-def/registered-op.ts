import type { Attribute } from './attribute.ts';

/** What TensorFlow registers about an op. */
export interface RegisteredOp {
  /** The names of its outputs. An output may be a list. */
  readonly outputs: readonly string[];
  /** The values of attributes that a node does not state. */
  readonly defaults: Readonly<Record<string, Attribute>>;
}
