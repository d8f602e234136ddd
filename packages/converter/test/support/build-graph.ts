/** A field of a message: a number, text, or bytes. */
export type ProtoField = readonly [number: number, value: number | string | Uint8Array];

/** Encodes a message of Protocol Buffers. */
export function encodeMessage(...fields: readonly ProtoField[]): Uint8Array {
  return new Uint8Array(
    Buffer.concat(
      fields.map(([number, value]) => {
        if (typeof value === 'number')
          return Buffer.from([...varint(number * 8), ...varint(value)]);
        const bytes = Buffer.from(value as Uint8Array);
        return Buffer.concat([
          Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]),
          bytes,
        ]);
      }),
    ),
  );
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 128);
  } while (rest !== 0n);
  return bytes;
}

/** A NodeDef. Attributes are AttrValues. */
export function encodeNode(
  name: string,
  op: string,
  inputs: readonly string[] = [],
  attributes: Readonly<Record<string, Uint8Array>> = {},
): Uint8Array {
  return encodeMessage(
    [1, name],
    [2, op],
    ...inputs.map((input) => [3, input] as const),
    ...Object.entries(attributes).map(
      ([key, value]) => [5, encodeMessage([1, key], [2, value])] as const,
    ),
  );
}

/** The attribute that names a function. */
export function callOf(name: string): Uint8Array {
  return encodeMessage([10, encodeMessage([1, name])]);
}

/** A constant of float32, whose TensorProto has these sizes and fields besides. */
export function encodeConstant(
  name: string,
  sizes: readonly number[],
  ...fields: readonly ProtoField[]
): Uint8Array {
  const shape = encodeMessage(...sizes.map((size) => [2, encodeMessage([1, size])] as const));
  const tensor = encodeMessage([1, 1], [2, shape], ...fields);
  return encodeNode(name, 'Const', [], { value: encodeMessage([8, tensor]) });
}

/** A FunctionDef with one argument `x` that returns one value. */
export function encodeFunction(
  name: string,
  nodes: readonly Uint8Array[],
  returned: string,
): Uint8Array {
  const signature = encodeMessage(
    [1, name],
    [2, encodeMessage([1, 'x'])],
    [3, encodeMessage([1, 'y'])],
  );
  return encodeMessage([1, signature], ...nodes.map((node) => [3, node] as const), [
    4,
    encodeMessage([1, 'y'], [2, returned]),
  ]);
}

/** A GraphDef. */
export function encodeGraph(
  nodes: readonly Uint8Array[],
  functions: readonly Uint8Array[] = [],
): Uint8Array {
  const library = encodeMessage(...functions.map((one) => [1, one] as const));
  return encodeMessage(...nodes.map((node) => [1, node] as const), [2, library]);
}
