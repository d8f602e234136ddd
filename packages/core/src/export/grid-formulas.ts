import type { Arithmetic } from './arithmetic.ts';

/** The names of the values that a map at a layer is computed from, [batch, channels, rows, columns]. */
export interface LayerValues {
  readonly activations: string;
  /** Gradients of the score with respect to the activations. */
  readonly gradients: string;
  /** The number of cells, rows * columns. */
  readonly cells: number;
}

/** Writes a raw map [batch, rows, columns]. The functions in `methods/` name the papers. */
type GridFormula = (e: Arithmetic, values: LayerValues) => string;

const CHANNELS = [1];
const CELLS = [2, 3];

/** The formulas of the methods, by the methods' names. Each one writes nodes of an ONNX graph. */
export const gridFormulas: Readonly<Record<string, GridFormula>> = {
  'grad-cam': (e, { activations, gradients, cells }) =>
    weightChannels(e, activations, e.div(e.sum(gradients, CELLS), cells)),

  'grad-cam-plus-plus': (e, { activations, gradients }) => {
    const denominator = e.add(2, e.mul(gradients, e.sum(activations, CELLS)));
    const share = e.choose('Equal', denominator, 0, 0, e.div(gradients, denominator));
    const positive = e.choose('Greater', gradients, 0, share, 0);
    return weightChannels(e, activations, e.sum(positive, CELLS));
  },

  'hires-cam': (e, { activations, gradients }) =>
    e.sumAway(e.mul(gradients, activations), CHANNELS),

  'layer-cam': (e, { activations, gradients }) =>
    e.sumAway(e.mul(e.max(gradients, 0), activations), CHANNELS),

  'xgrad-cam': (e, { activations, gradients }) => {
    const totals = e.sum(activations, CELLS);
    const products = e.sum(e.mul(activations, gradients), CELLS);
    const weights = e.choose('Equal', totals, 0, 0, e.div(products, totals));
    return weightChannels(e, activations, weights);
  },

  'grad-cam-elementwise': (e, { activations, gradients }) =>
    e.sumAway(e.max(e.mul(gradients, activations), 0), CHANNELS),

  cam: (e, { activations, gradients }) => weightChannels(e, activations, e.sum(gradients, CELLS)),
};

function weightChannels(e: Arithmetic, activations: string, weights: string): string {
  return e.sumAway(e.mul(weights, activations), CHANNELS);
}
