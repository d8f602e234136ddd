/** A node of an ONNX file, with everything that is needed to copy it into another ONNX graph. */
export interface CopiedNode {
  /** Name of the operator. */
  readonly type: string;
  /** The operator's domain; ONNX's own is ''. */
  readonly domain: string;
  /** Versions of the file's operator sets: ONNX's own, and that of the domain. */
  readonly opset: number;
  readonly domainVersion: number;
  /** The attributes, each as the file encodes it. */
  readonly attributes: readonly Uint8Array[];
  /** Null for an optional input that is left out. */
  readonly inputs: readonly (CopiedConstant | CopiedInput | null)[];
  /** Null for an output that the file does not name. */
  readonly outputs: readonly (FileLayout | null)[];
}

/** A constant, as a tensor of the file or as plain bytes. */
export interface CopiedConstant {
  readonly kind: 'constant';
  readonly tensor: EncodedTensor | RawTensor;
}

/** A tensor as the file encodes it, with its values inside. */
export interface EncodedTensor {
  readonly encoded: Uint8Array;
}

/** A tensor's values in row-major order, each little-endian. */
export interface RawTensor {
  /** Number of the element type in onnx.proto. */
  readonly type: number;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** A value that the network computes. */
export interface CopiedInput extends FileLayout {
  readonly kind: 'value';
  /** Its index among the inputs of the network's node. */
  readonly index: number;
}

/** How the file stores a value that the network holds as float32 and in an order of its own. */
export interface FileLayout {
  /** Number of the element type in onnx.proto. */
  readonly type: number;
  /** Sizes of all axes as the file has them, at a batch of one. */
  readonly shape: readonly number[];
  /** The axes that the network stores, in order. */
  readonly order: readonly number[];
  /** The batch axis; null where the file has none, or has merged the batch into its first axis. */
  readonly batch: number | null;
}

/** Numbers of the element types in onnx.proto that hold real numbers: float, float16, double and bfloat16. */
const realTypes: ReadonlySet<number> = new Set([1, 10, 11, 16]);

/** Whether an element type holds real numbers. Whole numbers and truth values have no gradient. */
export function isRealType(type: number): boolean {
  return realTypes.has(type);
}
