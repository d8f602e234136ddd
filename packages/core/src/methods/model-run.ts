import type { NdArray } from '../base/nd-array.ts';
import type { ResolvedSeed } from '../engines/port/seed.ts';
import type { ReluPolicy } from '../network/op.ts';
import type { MethodInputs } from './method.ts';

/** What the model said, for each seed of the plan. */
export interface ModelRun {
  readonly logits: Float32Array;
  readonly seeds: readonly ResolvedSeed[];
  layer(node: string, seed: number): MethodInputs;
  /** @throws Error for a policy that no method of the plan has: a fault of the planner. */
  inputGradients(policy: ReluPolicy, seed: number): NdArray;
}
