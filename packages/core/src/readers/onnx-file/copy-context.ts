import type { GradcamError } from '../../base/errors.ts';
import type { RawTensor } from '../../network/copied-node.ts';
import type { OnnxFileNode, OnnxFileTensor } from './proto/onnx-schema.ts';

/** What a run of the file has shown, and which nodes are therefore copied. */
export interface CopyFacts {
  /** Values of the file by name, at a batch of one and at the network's input size. */
  readonly values: ReadonlyMap<string, RawTensor>;
  /** Places of nodes that are copied although they could be translated. */
  readonly chosen: ReadonlySet<number>;
  /** Places of nodes that cannot be copied, and what a run of the file says. */
  readonly refused: ReadonlyMap<number, string>;
}

/** A node that is not translated. */
export interface Untranslated {
  readonly error: GradcamError;
  /** Whether a run of the file may show what copying it takes. */
  readonly isCopyable: boolean;
}

/** What is found while a file is translated, for the next run of the file. */
export interface CopyFindings {
  /** By their places, the nodes that are neither translated nor copied, except those behind others. */
  readonly untranslated: Map<number, Untranslated>;
  /** Places of nodes that must be copied because a copied node takes their integers. */
  readonly toChoose: Set<number>;
  /** The file's nodes in order, those of its functions included. */
  nodes: readonly OnnxFileNode[];
  /** Names of the values that are explained, which are the file's outputs or the scores before them. */
  outputs: readonly string[];
  /** The file's inputs: names, element types and shapes. */
  inputs: readonly {
    readonly name: string;
    readonly type: number;
    readonly shape: readonly number[];
  }[];
}

/** Everything that copying nodes of one file takes. */
export interface CopyContext {
  readonly facts: CopyFacts;
  readonly findings: CopyFindings;
  /** The file's versions of operator sets, by domain. */
  readonly opsets: ReadonlyMap<string, number>;
  /** Constants that the file states, by name. */
  readonly tensors: Map<string, OnnxFileTensor>;
  /** Element types of the file's inputs, by name. */
  readonly inputTypes: ReadonlyMap<string, number>;
  /** The place of the node that gives a value, by the value's name. */
  readonly producers: ReadonlyMap<string, number>;
  /** What people call each node; unique. */
  readonly titles: readonly string[];
  /** The place of the node that is translated at the moment. */
  place: number;
}

/** Facts of a file that has not been run. */
export const noFacts: CopyFacts = { values: new Map(), chosen: new Set(), refused: new Map() };

export function createFindings(): CopyFindings {
  return { untranslated: new Map(), toChoose: new Set(), nodes: [], outputs: [], inputs: [] };
}
