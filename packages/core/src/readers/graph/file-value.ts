import type { NodeValue } from './value.ts';

/** A value of the file, and the node of the network that holds it. */
export interface FileValue {
  /** Its name in the file. */
  readonly name: string;
  /** The name of the network's node. */
  readonly node: string;
  /** All axes as the file has them, at a batch of one. */
  readonly shape: readonly number[];
  /** The axes that the network stores, in the order in which it stores them. */
  readonly order: readonly number[];
  /** Whether the file goes on to the logarithm of what the network holds. */
  readonly isLogarithm: boolean;
}

/** A value of the file while it is translated, with its name in the file. */
export interface OwnValue {
  readonly name: string;
  readonly held: NodeValue;
}
