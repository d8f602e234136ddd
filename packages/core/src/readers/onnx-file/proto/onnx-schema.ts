/**
 * The part of onnx.proto that is read, as plain data. Weights and nested graphs stay bytes of the file until
 * somebody asks for them.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export interface OnnxFileModel {
  readonly producer: string;
  /** Of each domain of operators; ONNX's own is ''. */
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
  /** Names of weights that are stored as lists of places and values. */
  readonly sparse: readonly string[];
}

export interface OnnxFileNode {
  /** May be empty, and need not be unique. */
  readonly name: string;
  readonly type: string;
  /** ONNX's own is ''. */
  readonly domain: string;
  /** Names of values; '' for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxFileAttribute>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** An attribute holds one of these; the others are absent. */
export interface OnnxFileAttribute {
  readonly name: string;
  readonly float?: number;
  readonly integer?: number;
  readonly text?: string;
  readonly tensor?: OnnxFileTensor;
  readonly floats?: readonly number[];
  readonly integers?: readonly number[];
  readonly texts?: readonly string[];
  /** Bytes of a graph, as `If` has them. */
  readonly graph?: Uint8Array;
  /** In a function: the attribute of its caller that this one is. */
  readonly refersTo?: string;
}

/** Where the values of a tensor are. */
export type TensorPlace =
  | { readonly kind: 'raw'; readonly bytes: Uint8Array }
  | { readonly kind: 'typed'; readonly fields: readonly TypedValues[] }
  | {
      readonly kind: 'external';
      /** Beside the model. */
      readonly file: string;
      /** As the model's writer says it. */
      readonly location: string;
      readonly offset: number;
      readonly length: number | null;
    };

/** A packed list of values, or one value alone. */
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
}

export interface OnnxFileValue {
  readonly name: string;
  /** Number of the element type; 0 for what is no tensor. */
  readonly type: number;
  /** Sizes; a name or nothing for those that are open. Null where no shape is stated. */
  readonly shape: readonly (number | string | null)[] | null;
}

export interface OnnxFunction {
  readonly name: string;
  readonly domain: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly OnnxFileNode[];
  /** Attributes that it takes, with the values that stand for those left out. */
  readonly defaults: ReadonlyMap<string, OnnxFileAttribute>;
}
