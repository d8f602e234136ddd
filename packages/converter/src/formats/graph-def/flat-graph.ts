import type { StoredTensor } from '../../tensors/stored-tensor.ts';
import type { Attribute, ShapeJson } from './attribute.ts';

/** A graph without functions, variables and branches, whose nodes come after their inputs. */
export interface FlatGraph {
  readonly nodes: readonly FlatNode[];
  readonly inputs: readonly GraphTerminal[];
  readonly outputs: readonly GraphTerminal[];
  /** The version of the graph's form, by the program that wrote it. */
  readonly producer: number;
  /** What a user of the graph should know, a sentence each. */
  readonly notes: readonly string[];
}

/** A node of a flat graph. */
export interface FlatNode {
  /** Changes until all nodes have their names. */
  name: string;
  readonly op: string;
  readonly inputs: readonly FlatValue[];
  /** The attributes that the node states, and the defaults of its op. */
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** The values of a constant. */
  readonly weight: FlatWeight | null;
}

/** One of the outputs of a node. */
export interface FlatValue {
  readonly node: FlatNode;
  readonly output: number;
}

/** The values of a constant: a tensor of the graph's file, or of a checkpoint. */
export interface FlatWeight {
  /** The name of the variable; null for a constant. */
  readonly variable: string | null;
  /** @throws UnsupportedError for texts and other types that are no numbers */
  open(): Promise<StoredTensor>;
  /** The number of a small constant with one element; null for any other. */
  readNumber(): Promise<number | null>;
}

/** An input or output of a graph, as its signature names it. */
export interface GraphTerminal {
  readonly key: string;
  readonly value: FlatValue;
  /** The type's name, such as `DT_FLOAT`. */
  readonly dtype: string;
  readonly shape: ShapeJson | null;
}
