import type { StoredTensor, WeightFile } from '../tensors/stored-tensor.ts';

/** Where the nets of torchvision and timm have the linear layer that gives the scores. */
const HEADS = [
  'fc',
  'classifier',
  'classifier.1',
  'classifier.2',
  'classifier.6',
  'head.fc',
  'head',
];

/** A file whose head is read under another name. */
export interface HeadReading {
  readonly file: WeightFile;
  /** The name of the linear layer in the file, and the one that it is read by. */
  readonly from: string;
  readonly to: string;
}

/** The linear layers in the place of a head. */
interface FoundHead {
  /** The name of the place, such as `fc`. */
  readonly place: string;
  /** The names of the layers in the order of the file, such as `fc.0` and `fc.3`. */
  readonly layers: readonly string[];
}

/**
 * Lists how the head of a net can be read that was exchanged for a sequence with one linear layer, such as
 * `Sequential(Dropout, Linear)`, or for a linear layer without a sequence. Neither changes what is computed.
 */
export function listHeadReadings(file: WeightFile): HeadReading[] {
  return findHeads(file).flatMap(({ place, layers }) => {
    const [from, ...others] = layers;
    if (from === undefined || others.length > 0) return [];
    const targets = HEADS.filter(
      (to) =>
        to !== from && (to === place || place.startsWith(`${to}.`) || to.startsWith(`${place}.`)),
    );
    return targets.map((to) => ({ from, to, file: rename(file, from, to) }));
  });
}

/** The places of heads that hold nothing but linear layers with their biases. */
function findHeads({ tensors }: WeightFile): FoundHead[] {
  return HEADS.flatMap((place) => {
    const own = tensors.filter(({ name }) => name.startsWith(`${place}.`));
    const layers = own.filter(isLinear).map(({ name }) => name.slice(0, -'.weight'.length));
    const parts = new Set(layers.flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]));
    return layers.length > 0 && own.every(({ name }) => parts.has(name)) ? [{ place, layers }] : [];
  });
}

function isLinear({ name, shape }: StoredTensor): boolean {
  return name.endsWith('.weight') && shape.length === 2;
}

function rename(file: WeightFile, from: string, to: string): WeightFile {
  const tensors = file.tensors.map((tensor) => {
    const isHead = tensor.name === `${from}.weight` || tensor.name === `${from}.bias`;
    return isHead ? { ...tensor, name: to + tensor.name.slice(from.length) } : tensor;
  });
  return { ...file, tensors };
}
