/**
 * The part of onnx.proto that is read, as plain data. Weights and nested graphs stay views of the file's
 * bytes until somebody asks for them.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export interface OnnxFileModel {
  readonly producer: string;
  /** The version of each domain of operators; ONNX's own domain is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: OnnxFileGraph;
  readonly functions: readonly OnnxFunction[];
  readonly metadata: ReadonlyMap<string, string>;
}

export interface OnnxFileGraph {
  readonly name: string;
  readonly nodes: readonly OnnxFileNode[];
  readonly initializers: readonly OnnxFileTensor[];
  readonly inputs: readonly OnnxFileValue[];
  readonly outputs: readonly OnnxFileValue[];
  /** Names of weights that are stored sparse, as lists of indices and values. */
  readonly sparse: readonly string[];
}

export interface OnnxFileNode {
  /** The name, which may be empty and need not be unique. */
  readonly name: string;
  readonly type: string;
  /** The domain of the operator; ONNX's own is ''. */
  readonly domain: string;
  /** Names of values; '' for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxFileAttribute>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** An attribute has one of these values; the others are absent. */
export interface OnnxFileAttribute {
  readonly name: string;
  readonly float?: number;
  readonly integer?: number;
  readonly text?: string;
  readonly tensor?: OnnxFileTensor;
  readonly floats?: readonly number[];
  readonly integers?: readonly number[];
  readonly texts?: readonly string[];
  /** The bytes of a graph, for example a branch of `If`. */
  readonly graph?: Uint8Array;
  /** In a function, the name of the caller's attribute that this one stands for. */
  readonly refersTo?: string;
  /** The whole attribute as the file encodes it. */
  readonly encoded: Uint8Array;
  /**
   * Whether it has a value of a kind that is not read: several tensors or graphs, a sparse tensor, a type.
   */
  readonly isUnread?: true;
}

/** Where the values of a tensor are stored. */
export type TensorPlace =
  | { readonly kind: 'raw'; readonly bytes: Uint8Array }
  | { readonly kind: 'typed'; readonly fields: readonly TypedValues[] }
  | {
      readonly kind: 'external';
      /** Name of the file beside the model. */
      readonly file: string;
      /** The location as the model states it. */
      readonly location: string;
      readonly offset: number;
      readonly length: number | null;
    };

/** A packed list of values, or a single value. */
export interface TypedValues {
  readonly field: 'float' | 'int32' | 'int64' | 'double' | 'uint64';
  readonly bytes: Uint8Array;
  readonly integer: number;
  readonly isLong: boolean;
}

export interface OnnxFileTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Number of the element type in onnx.proto. */
  readonly type: number;
  readonly place: TensorPlace;
  /** The whole tensor as the file encodes it. */
  readonly encoded: Uint8Array;
}

export interface OnnxFileValue {
  readonly name: string;
  /** Number of the element type; 0 for a value that is not a tensor. */
  readonly type: number;
  /** Sizes; an open size is a name or null. Null where no shape is stated. */
  readonly shape: readonly (number | string | null)[] | null;
}

export interface OnnxFunction {
  readonly name: string;
  readonly domain: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly OnnxFileNode[];
  /** The attributes that it takes, with their default values. */
  readonly defaults: ReadonlyMap<string, OnnxFileAttribute>;
}
