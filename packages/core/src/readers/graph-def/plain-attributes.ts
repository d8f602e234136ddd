/** Names of types by their numbers in tensorflow/core/framework/types.proto. */
const TYPES: Readonly<Record<number, string>> = {
  ...{ 1: 'DT_FLOAT', 2: 'DT_DOUBLE', 3: 'DT_INT32', 4: 'DT_UINT8', 5: 'DT_INT16', 6: 'DT_INT8' },
  ...{ 7: 'DT_STRING', 9: 'DT_INT64', 10: 'DT_BOOL', 14: 'DT_BFLOAT16', 17: 'DT_UINT16' },
  ...{ 19: 'DT_HALF', 20: 'DT_RESOURCE', 21: 'DT_VARIANT', 22: 'DT_UINT32', 23: 'DT_UINT64' },
};

type Fields = Readonly<Record<string, unknown>>;

/**
 * Attributes in the notation of today's tensorflowjs_converter. Its first versions, and the tool that brings
 * their models into JSON, write a text as the list of its bytes and a type as its number.
 */
export function plainAttributes(attributes: unknown): Fields {
  if (!isFields(attributes)) return {};
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      isFields(value) ? plain(value) : value,
    ]),
  );
}

function plain(value: Fields): Fields {
  const { s, type, list } = value;
  return {
    ...value,
    ...(s === undefined ? {} : { s: plainText(s) }),
    ...(type === undefined ? {} : { type: plainType(type) }),
    ...(isFields(list) ? { list: plainList(list) } : {}),
  };
}

function plainList(list: Fields): Fields {
  const { s, type } = list;
  return {
    ...list,
    ...(Array.isArray(s) ? { s: s.map(plainText) } : {}),
    ...(Array.isArray(type) ? { type: type.map(plainType) } : {}),
  };
}

function plainText(text: unknown): unknown {
  const isByte = (one: unknown): boolean =>
    Number.isInteger(one) && (one as number) >= 0 && (one as number) < 256;
  if (!Array.isArray(text) || !text.every(isByte)) return text;
  return btoa(text.map((byte) => String.fromCharCode(byte as number)).join(''));
}

function plainType(type: unknown): unknown {
  return typeof type === 'number' ? (TYPES[type] ?? `DT_${type}`) : type;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
