/** Texts of an ONNX file, read by the field numbers of onnx.proto and nothing of ours. */
export interface OnnxTexts {
  readonly producer: string;
  readonly version: string;
  readonly opset: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto ModelProto */
export function readOnnxTexts(file: Buffer): OnnxTexts {
  const fields = readFields(file);
  const text = (number: number): string => String(fields.get(number)?.[0] ?? '');
  const opset = readFields(fields.get(8)![0] as Buffer);
  const pairs = (fields.get(14) ?? []).map((pair) => {
    const parts = readFields(pair as Buffer);
    return [String(parts.get(1)![0]), String(parts.get(2)![0])];
  });
  return {
    producer: text(2),
    version: text(3),
    opset: opset.get(2)![0] as number,
    metadata: Object.fromEntries(pairs) as Record<string, string>,
  };
}

/** Field number to values: varints as numbers, all else as bytes. */
function readFields(message: Buffer): Map<number, (number | Buffer)[]> {
  const fields = new Map<number, (number | Buffer)[]>();
  let at = 0;
  const varint = (): number => {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = message[at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const [number, type] = [Math.floor(tag / 8), tag % 8];
    if (type !== 0 && type !== 2) throw new Error(`field ${number} has wire type ${type}`);
    const value = varint();
    const list = fields.get(number) ?? [];
    if (type === 2) list.push(message.subarray(at, (at += value)));
    else list.push(value);
    fields.set(number, list);
  }
  return fields;
}
