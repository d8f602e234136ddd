import type { LayerRecord, NetworkDraft } from '../architectures/network.ts';
import type { TorchModule } from '../tensors/stored-tensor.ts';

/** Classes of modules that only contain others, or that change nothing in a prediction. */
const WITHOUT_LAYER = /^(Sequential|ModuleList|Dropout2?d?|Identity|Flatten|torchvision\.\w+)$/;

/** The layers that modules without weights become: the class of Keras, and the function of an activation. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  ReLU: ['Activation relu'],
  ReLU6: ['ReLU'],
  SiLU: ['Activation swish'],
  GELU: ['Activation gelu'],
  Sigmoid: ['Activation sigmoid'],
  Conv2d: ['Conv2D', 'DepthwiseConv2D'],
  Linear: ['Dense', 'Conv2D'],
  BatchNorm2d: ['BatchNormalization'],
  LayerNorm: ['LayerNormalization'],
  'torchvision.LayerNorm2d': ['LayerNormalization'],
  MaxPool2d: ['MaxPooling2D'],
  AvgPool2d: ['AveragePooling2D'],
  AdaptiveAvgPool2d: ['GlobalAveragePooling2D'],
};

/** The grid to which VGG brings its features, which a picture of 224 pixels has already. */
const VGG_GRID = 7;

/**
 * Compares the modules of a whole model with the net that its weights were taken for. A state dict shows none
 * of this: strides, borders, poolings and activations.
 *
 * @param isHead whether a module belongs to a head that is read from the modules themselves
 * @returns the first difference as a part of a sentence; `undefined` if there is none
 */
export function checkModules(
  modules: readonly TorchModule[],
  draft: NetworkDraft,
  isHead: (path: string) => boolean,
): string | undefined {
  const layers = new Map(draft.layers.map((layer) => [layer.name, layer]));
  for (const module of modules) {
    const { path, className } = module;
    if (path === '' || isHead(path)) continue;
    const layer = layers.get(path) ?? findTransition(layers, module);
    const wanted = LAYERS[className];
    if (wanted === undefined) {
      // A container may have the name of a sum or a concatenation, never that of something else.
      const isPlain =
        layer === undefined ||
        /^(Add|Concatenate|Multiply|AveragePooling2D)$/.test(layer.className);
      const isKnown = WITHOUT_LAYER.test(className) && (isPlain || module.hasChildren);
      if (!isKnown)
        return `has the module ${path}, ${className}, which is not the one of the published net`;
      continue;
    }
    if (className === 'AdaptiveAvgPool2d' && isGrid(module, VGG_GRID)) continue;
    const problem =
      layer === undefined || !wanted.includes(describeLayer(layer))
        ? 'where the published net has something else'
        : compareSettings(module, layer, layers);
    if (problem !== undefined) return `has the module ${path}, ${className}, ${problem}`;
  }
  return undefined;
}

/** The pooling of a DenseNet's transition has the name of the transition. */
function findTransition(
  layers: ReadonlyMap<string, LayerRecord>,
  { path, className }: TorchModule,
): LayerRecord | undefined {
  return className === 'AvgPool2d' ? layers.get(path.replace(/\.pool$/, '')) : undefined;
}

function describeLayer({ className, config }: LayerRecord): string {
  return className === 'Activation' ? `Activation ${String(config['activation'])}` : className;
}

/** How the settings of a module differ from those of the layer. */
function compareSettings(
  { className, attributes }: TorchModule,
  layer: LayerRecord,
  layers: ReadonlyMap<string, LayerRecord>,
): string | undefined {
  const differs = (name: string, found: number, wanted: number): string | undefined =>
    found === wanted
      ? undefined
      : `whose ${name} is ${found}, where the published net has ${wanted}`;
  const number = (name: string): number => sideOf(attributes.get(name));
  if (attributes.has('eps')) return differs('eps', number('eps'), Number(layer.config['epsilon']));
  const isPool = className === 'MaxPool2d' || className === 'AvgPool2d';
  if (className !== 'Conv2d' && !isPool) {
    if (attributes.get('approximate') === 'tanh') return 'which is computed by tanh';
    return className === 'AdaptiveAvgPool2d' && number('output_size') !== 1
      ? 'whose grid is not one cell'
      : undefined;
  }
  const [kernel = 1] = (layer.config['kernel_size'] ?? layer.config['pool_size']) as number[];
  const [stride = 1] = layer.config['strides'] as number[];
  const padding = findPadding(layer, layers, kernel);
  // SqueezeNet's poolings count a last window that is not whole.
  const isCeil = className === 'MaxPool2d' && layers.has('features.3.squeeze');
  return (
    differs('kernel_size', number('kernel_size'), kernel) ??
    differs('stride', number('stride'), stride) ??
    differs('padding', number('padding'), padding) ??
    (attributes.has('dilation') ? differs('dilation', number('dilation'), 1) : undefined) ??
    ((attributes.get('padding_mode') ?? 'zeros') === 'zeros'
      ? undefined
      : 'whose borders are no zeros') ??
    (isPool && (attributes.get('ceil_mode') ?? false) !== isCeil
      ? 'whose ceil_mode is that of another net'
      : undefined)
  );
}

/** Zeros on each side of a layer's input. Poolings of SqueezeNet have them on one side alone. */
function findPadding(
  layer: LayerRecord,
  layers: ReadonlyMap<string, LayerRecord>,
  kernel: number,
): number {
  const pad = layers.get(`${layer.name}/pad`);
  if (pad === undefined) return layer.config['padding'] === 'same' ? (kernel - 1) / 2 : 0;
  const [rows] = pad.config['padding'] as [[number, number], [number, number]];
  return rows[0];
}

/** The side of a square setting; NaN for one that is none. */
function sideOf(value: unknown): number {
  const [first, ...others] = Array.isArray(value) ? (value as number[]) : [value as number];
  return typeof first === 'number' && others.every((one) => one === first) ? first : Number.NaN;
}

function isGrid({ attributes }: TorchModule, size: number): boolean {
  return sideOf(attributes.get('output_size')) === size;
}
