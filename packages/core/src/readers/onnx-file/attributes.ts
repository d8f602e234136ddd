import { GradcamError } from '../../base/errors.ts';
import type { OnnxFileAttribute } from './proto/onnx-schema.ts';

/** An attribute as it is read. */
export type AttributeValue = Omit<OnnxFileAttribute, 'encoded'>;

/**
 * A node's attributes. An attribute that nobody asks for is an error, because ignoring it could change the
 * result unnoticed.
 */
export interface Attributes {
  integer(name: string, fallback: number): number;
  /** An integer that means false where it is 0, and true otherwise. */
  flag(name: string, fallback: boolean): boolean;
  float(name: string, fallback: number): number;
  text(name: string, fallback: string): string;
  /** Null where the attribute is absent. */
  integers(name: string): readonly number[] | null;
  floats(name: string): readonly number[] | null;
  /** The attribute as the file states it. */
  raw(name: string): AttributeValue | null;
  /** Names attributes that cannot change the result. */
  ignore(...names: string[]): void;
  /** @throws GradcamError `unsupported` for an attribute that was not asked for. */
  finish(): void;
}

/** @param title names the node in errors. */
export function createAttributes(
  attributes: ReadonlyMap<string, AttributeValue>,
  title: string,
): Attributes {
  const asked = new Set<string>();
  const raw = (name: string): AttributeValue | null => {
    asked.add(name);
    return attributes.get(name) ?? null;
  };
  const whole = (name: string, value: number): number => {
    if (Number.isInteger(value)) return value;
    throw new GradcamError('model', `${title}: attribute ${name} is ${value}, expected an integer`);
  };
  return {
    raw,
    integer(name, fallback) {
      const found = raw(name);
      // Some writers leave a value of 0 out.
      return found === null ? fallback : whole(name, found.integer ?? 0);
    },
    flag(name, fallback) {
      return this.integer(name, fallback ? 1 : 0) !== 0;
    },
    float(name, fallback) {
      const found = raw(name);
      const value = found === null ? fallback : (found.float ?? 0);
      if (Number.isFinite(value)) return value;
      throw new GradcamError('model', `${title}: attribute ${name} is ${value}, expected a number`);
    },
    text: (name, fallback) => raw(name)?.text ?? fallback,
    integers(name) {
      const found = raw(name);
      return found === null ? null : (found.integers ?? []).map((value) => whole(name, value));
    },
    floats(name) {
      const found = raw(name);
      return found === null ? null : (found.floats ?? []);
    },
    ignore(...names) {
      for (const name of names) asked.add(name);
    },
    finish() {
      const left = [...attributes.keys()].find((name) => !asked.has(name));
      if (left === undefined) return;
      throw new GradcamError(
        'unsupported',
        `${title}: its attribute '${left}' is not supported, and may change the result`,
      );
    },
  };
}
