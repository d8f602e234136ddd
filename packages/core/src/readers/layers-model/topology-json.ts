import { GradcamError } from '../../base/errors.ts';

/** An object of a model's JSON. */
export type Json = Readonly<Record<string, unknown>>;

/** @throws GradcamError `model` naming what stands there instead. */
export function asObject(value: unknown, where: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new GradcamError('model', `${where}: expected an object, found ${describe(value)}`);
}

/** @throws GradcamError `model` naming what stands there instead. */
export function asList(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new GradcamError('model', `${where}: expected a list, found ${describe(value)}`);
}

function describe(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
