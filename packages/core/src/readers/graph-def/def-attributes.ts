import { GradcamError } from '../../base/errors.ts';
import { decodeBase64 } from './graph-def.ts';

/** The attributes of a GraphDef's node. Each method checks that the attribute has the type it reads. */
export interface DefAttributes {
  integer(name: string, fallback: number): number;
  flag(name: string, fallback: boolean): boolean;
  float(name: string, fallback: number): number;
  text(name: string, fallback: string): string;
  /** An empty list where the attribute is absent. */
  integers(name: string): readonly number[];
  /** The name of a type, such as `DT_FLOAT`; '' where the attribute is absent. */
  type(name: string): string;
}

/**
 * @param title names the node in errors.
 * @returns readers that throw GradcamError `model` for an attribute of another type.
 */
export function createDefAttributes(
  attributes: Readonly<Record<string, unknown>>,
  title: string,
): DefAttributes {
  const field = (name: string, key: string): unknown => {
    const found = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    return fieldOf(found, key);
  };
  const whole = (name: string, value: unknown): number => {
    // 64-bit integers are written as strings.
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
    throw wrong(title, name, 'an integer', value);
  };
  return {
    integer(name, fallback) {
      const found = field(name, 'i');
      return found === undefined ? fallback : whole(name, found);
    },
    flag(name, fallback) {
      const found = field(name, 'b') ?? fallback;
      if (typeof found === 'boolean') return found;
      throw wrong(title, name, 'true or false', found);
    },
    float(name, fallback) {
      const found = field(name, 'f') ?? fallback;
      if (typeof found === 'number' && Number.isFinite(found)) return found;
      throw wrong(title, name, 'a number', found);
    },
    text(name, fallback) {
      const found = field(name, 's');
      if (found === undefined) return fallback;
      if (typeof found === 'string') return decodeBase64(found);
      throw wrong(title, name, 'a text', found);
    },
    integers(name) {
      const list = fieldOf(field(name, 'list'), 'i');
      return Array.isArray(list) ? list.map((one: unknown) => whole(name, one)) : [];
    },
    type(name) {
      const found = field(name, 'type') ?? '';
      if (typeof found === 'string') return found;
      throw wrong(title, name, 'a type', found);
    },
  };
}

function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}

function wrong(title: string, name: string, expected: string, found: unknown): GradcamError {
  const shown = JSON.stringify(found)?.slice(0, 40) ?? 'nothing';
  return new GradcamError('model', `${title}: attribute ${name} is ${shown}, expected ${expected}`);
}
