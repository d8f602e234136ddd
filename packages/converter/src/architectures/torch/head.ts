import { addLayer, type LayerRecord, type NetworkDraft, type WeightRecord } from '../network.ts';
import type { HeadFunction } from './head-functions.ts';
import { addGlobalPool, addLinear, addPredictions, type Value } from './torch-layers.ts';
import { addLayerNorm, addNorm } from './normalisations.ts';

/** A layer of a head. The path is the name that the layer's weights have in the file. */
export type HeadLayer =
  | {
      readonly kind: 'linear';
      readonly path: string;
      readonly units: number;
      readonly bias: boolean;
    }
  | { readonly kind: 'batch-norm' | 'layer-norm'; readonly path: string }
  | { readonly kind: 'function'; readonly path: string; readonly function: HeadFunction };

/** What a trainer has put behind the body of a known net in the place of its own last layer. */
export interface HeadPlan {
  readonly layers: readonly HeadLayer[];
  /** What makes probabilities of the scores. */
  readonly output: 'softmax' | 'sigmoid';
  /** fastai's pooling: the largest values of the grid, and behind them its means. */
  readonly pooling?: 'max-and-mean' | undefined;
}

/** The layer at which the head of a family begins. */
export interface HeadPlace {
  /** The first layer of the draft that belongs to the head. It gives way with all layers behind it. */
  readonly from: string;
  /** Whether the head takes the grid, of which others get the mean. */
  readonly takesGrid?: boolean;
  /** Shapes of the weights of the family's own head by torchvision's names, which its plan is read from. */
  readonly standIns: Readonly<Record<string, readonly number[]>>;
}

/** What the body of a net gives to its head. */
export interface Body {
  readonly draft: NetworkDraft;
  readonly output: Value;
}

/** The net without its head. */
export function cutHead(draft: NetworkDraft, { from, takesGrid = false }: HeadPlace): Body {
  const start = draft.layers.findIndex(({ name }) => name === from);
  const layers = draft.layers.slice(0, start);
  const names = new Set(layers.map(({ name }) => name));
  const isKept = ({ name }: WeightRecord): boolean =>
    names.has(name.slice(0, name.lastIndexOf('/')));
  const body: NetworkDraft = {
    layers,
    weights: draft.weights.filter(isKept),
    endpoints: Object.fromEntries(
      Object.entries(draft.endpoints).filter(([, layer]) => names.has(layer)),
    ),
  };
  const layer = draft.layers[start]!.inputs[0]!;
  // The first parameter of a layer is a kernel, whose last axis but one is its input, or a scale.
  const { shape, grid } = draft.weights.find((weight) => !isKept(weight))!;
  const inputs = shape.at(-2) ?? shape[0]!;
  const [height, width] = grid ?? [1, 1];
  const channels = inputs / (height * width);
  const value: Value = { layer, channels, height, width };
  return { draft: body, output: takesGrid ? addGlobalPool(body, 'avgpool', value) : value };
}

/** Puts another head behind the body of a net. */
export function replaceHead(whole: NetworkDraft, place: HeadPlace, plan: HeadPlan): NetworkDraft {
  const { draft, output } = cutHead(whole, place);
  let last = plan.pooling === undefined ? output : addBothPools(draft, output);
  for (const layer of plan.layers) {
    last = addHeadLayer(draft, layer, last);
    draft.endpoints[layer.path] = layer.path;
  }
  addPredictions(draft, last, plan.output);
  return draft;
}

/** The last layer with weights, which gives the scores. */
export function findScores({ layers }: HeadPlan): Extract<HeadLayer, { kind: 'linear' }> {
  return layers.filter((layer) => layer.kind === 'linear').at(-1)!;
}

function addHeadLayer(draft: NetworkDraft, layer: HeadLayer, input: Value): Value {
  const { path } = layer;
  switch (layer.kind) {
    case 'linear':
      return addLinear(draft, path, input, layer.units, layer.bias);
    case 'batch-norm':
      return addNorm(draft, path, input);
    case 'layer-norm':
      return addLayerNorm(draft, path, input);
    case 'function': {
      const { className, config } = layer.function;
      addLayer(draft, path, className, [input.layer], config);
      return { ...input, layer: path };
    }
  }
}

/** The mean over the grid is computed already; the largest values of the same grid are put before it. */
function addBothPools(draft: NetworkDraft, mean: Value): Value {
  const pool = draft.layers.find(({ name }) => name === mean.layer) as LayerRecord;
  const config = { data_format: 'channels_last' };
  addLayer(draft, 'maxpool_head', 'GlobalMaxPooling2D', pool.inputs, config);
  addLayer(draft, 'concat_head', 'Concatenate', ['maxpool_head', mean.layer], { axis: -1 });
  return { ...mean, layer: 'concat_head', channels: 2 * mean.channels };
}
