import type { GraphWriter } from '../graph-writer.ts';
import type { OnnxAttribute } from '../proto/onnx-model.ts';
import { scalar } from './lowering.ts';

/** The name of a value of the graph, or a number that becomes a constant. */
export type Term = string | number;

/** Elementwise arithmetic on values of the graph, so that code reads like a formula. */
export interface Expressions {
  add(a: Term, b: Term): string;
  sub(a: Term, b: Term): string;
  mul(a: Term, b: Term): string;
  div(a: Term, b: Term): string;
  min(a: Term, b: Term): string;
  max(a: Term, b: Term): string;
  /** Within two numbers. */
  clip(a: Term, least: number, most: number): string;
  power(base: Term, exponent: Term): string;
  /** A function of one value, by its ONNX name. */
  apply(type: string, x: string, attributes?: Readonly<Record<string, OnnxAttribute>>): string;
  /** `yes` where the relation holds, else `no`. */
  choose(relation: string, a: Term, b: Term, yes: Term, no: Term): string;
}

/** @param constant makes the constant of a number; default a float32 scalar. */
export function createExpressions(
  writer: GraphWriter,
  constant: (value: number) => string = (value) => scalar(writer, value),
): Expressions {
  const term = (value: Term): string => (typeof value === 'string' ? value : constant(value));
  const binary =
    (type: string) =>
    (a: Term, b: Term): string =>
      writer.add(type, [term(a), term(b)]);
  return {
    add: binary('Add'),
    sub: binary('Sub'),
    mul: binary('Mul'),
    div: binary('Div'),
    min: binary('Min'),
    max: binary('Max'),
    clip: (a, least, most) => writer.add('Clip', [term(a), term(least), term(most)]),
    power: binary('Pow'),
    apply: (type, x, attributes) => writer.add(type, [x], attributes),
    choose: (relation, a, b, yes, no) =>
      writer.add('Where', [binary(relation)(a, b), term(yes), term(no)]),
  };
}
