import type { NdArray } from '../array/nd-array.ts';

/** What a method computes its map from, for one image. */
export interface MethodInputs {
  /** [rows, columns, channels] of the layer that is explained. */
  readonly activations: NdArray;
  /** Gradient of the score with respect to the activations, same shape. */
  readonly gradients: NdArray;
}

/** An explanation method as plain data and a pure function. */
export interface Method {
  /** As typed on the command line. */
  readonly name: string;
  readonly title: string;
  readonly paper: string;
  /** One sentence on what the map shows. */
  readonly summary: string;
  /** Which runs it needs; the planner joins those of all methods. */
  readonly needs: 'activations-and-gradients';
  /** Whether the displayed map cuts negative evidence; the raw map never does. */
  readonly relu: boolean;
  /** What it costs beside one forward run, for help texts. */
  readonly cost: string;
  /** The raw map [rows, columns]: layer resolution, before the ReLU, signed, not normalised. */
  readonly computeMap: (inputs: MethodInputs) => NdArray;
}
