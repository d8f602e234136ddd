import { explain, type Geometry, type Model, type NdArray } from '@gradcam/core';
import { centreBlob, inputEdges } from '@gradcam/core/evidence';
import type { RowName } from './evaluation.ts';

/** The raw map of one class, with the values that are needed to display it. */
export interface RowMap {
  readonly raw: NdArray;
  readonly relu: boolean;
  readonly nothing?: number | undefined;
}

/** The method or baseline that computes the maps of a row. */
export interface Row extends RowName {
  /**
   * Computes the map of each class, in the order of `classes`.
   *
   * @param input [1, height, width, channels].
   */
  explain(input: NdArray, classes: readonly number[]): Promise<readonly RowMap[]>;
}

/** The settings with which methods explain. */
export interface RowOptions {
  readonly layer: string;
  readonly runs: number | undefined;
  readonly batch: number;
  readonly signal: AbortSignal;
}

/** Names of the baselines. Every table includes them. */
export const baselineNames = ['random-cam', 'centre-blob', 'input-edges'] as const;

/** The rows of a table: the methods, then the baselines. */
export function createRows(
  model: Model,
  methods: readonly string[],
  options: RowOptions,
): readonly Row[] {
  const [random, blob, edges] = baselineNames;
  const own = methods.filter((name) => name !== random);
  return [
    ...own.map((name) => methodRow(model, name, 'method', options)),
    methodRow(model, random, 'baseline', options),
    mapRow(blob, ({ shape }) => centreBlob([shape[1]!, shape[2]!])),
    mapRow(edges, inputEdges),
  ];
}

function methodRow(
  model: Model,
  method: string,
  kind: RowName['kind'],
  { layer, runs, batch, signal }: RowOptions,
): Row {
  return {
    row: method,
    kind,
    async explain(values, targets) {
      const prepared = { values, geometry: wholeInput(values) };
      const { explanations } = await explain(model, prepared, {
        ...{ methods: [method], targets, layers: [layer], batch, signal },
        ...(runs === undefined ? {} : { runs }),
      });
      return explanations.map(({ raw, relu, nothing }) => ({ raw, relu, nothing }));
    },
  };
}

/** A map that is the same for every class. */
function mapRow(row: string, draw: (input: NdArray) => NdArray): Row {
  return {
    row,
    kind: 'baseline',
    async explain(input, classes) {
      const raw = draw(input);
      return classes.map(() => ({ raw, relu: true }));
    },
  };
}

/**
 * The geometry of the whole input. Peaks and boxes of explanations are not read here, so the size of the
 * original image does not matter.
 */
function wholeInput({ shape }: NdArray): Geometry {
  const size = { width: shape[2]!, height: shape[1]! };
  return { image: size, input: size, view: { x: 0, y: 0, ...size } };
}
