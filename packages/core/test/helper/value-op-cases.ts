import type { Op } from '../../src/network/op.ts';
import { decodeArray, readFixture, type StoredArray } from './fixture.ts';
import { nodeNet } from './node-net.ts';

/** One node of the op set with what PyTorch makes of it; see `fixtures/value-ops/PROVENANCE.md`. */
export interface ValueOpCase {
  readonly name: string;
  readonly op: Op;
  /** What stands between the first input and the node. */
  readonly before: { readonly op: Op; readonly shape: readonly number[] } | null;
  /** Without a batch axis: `constant` nodes, the node's first inputs. */
  readonly constants: readonly StoredArray[];
  readonly inputs: readonly StoredArray[];
  readonly weights: Readonly<Record<string, StoredArray>>;
  readonly output: StoredArray;
  readonly upstream: StoredArray;
  readonly inputGradients: readonly StoredArray[];
}

const families = [
  'constant',
  'functions',
  'select',
  'gathers',
  'strides',
  'pad-with',
  'pools',
  'resize',
  'mat-mul',
  'divide',
  'sum-to',
  'max-to',
  'broadcast',
];

export const valueOpCases = families.flatMap((family) =>
  readFixture<{ cases: ValueOpCase[] }>(`value-ops/${family}.json`).cases.map((valueCase) => ({
    title: `${family}/${valueCase.name}`,
    valueCase,
  })),
);

/** The node between its inputs and the scores, which are its own values. */
export function buildValueOp({ op, before, constants, inputs, weights, output }: ValueOpCase) {
  const names = inputs.map((_, i) => `input ${i}`);
  const given = inputs.map(({ shape }, i) => ({
    name: names[i]!,
    op: { kind: 'input' } as const,
    shape: shape.slice(1),
  }));
  const arrays = Object.fromEntries(
    Object.entries(weights).map(([role, stored]) => [role, decodeArray(stored)]),
  );
  const fixed = constants.map(decodeArray).map((value, i) => ({
    name: `constant ${i}`,
    op: { kind: 'constant' } as const,
    shape: value.shape,
    weights: { value },
  }));
  const shape = output.shape.slice(1);
  const all = [...fixed.map(({ name }) => name), ...names];
  const first = before === null ? [] : [{ name: 'before', ...before, inputs: [names[0]!] }];
  if (before !== null) all[0] = 'before';
  const node = { name: 'node', op, shape, inputs: all, weights: arrays };
  const net = nodeNet([...fixed, ...given, ...first, node]);
  return { ...net, names };
}
