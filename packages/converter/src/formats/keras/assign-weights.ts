import { FormatError, UnsupportedError } from '../../errors.ts';
import type { StoredTensor } from '../../tensors/stored-tensor.ts';
import { KERAS } from './json.ts';
import { listLeaves, type KerasLayer, type Leaf } from './layer-tree.ts';
import { listVariables, NOT_NEEDED } from './variables.ts';

/** A weight of the model with the name that tfjs gives it, and the tensor with its values. */
export interface KerasWeight {
  readonly name: string;
  readonly tensor: StoredTensor;
}

/** Why a weight is not used that belongs to no layer. */
export const NO_LAYER = 'of no layer of the model';

/** Weights of a model, and what its file has besides. */
export interface AssignedWeights {
  readonly weights: readonly KerasWeight[];
  readonly unused: readonly { readonly name: string; readonly reason: string }[];
  /** Layers of nested models that have the same name, so that the names of their weights have a path. */
  readonly repeated: readonly string[];
}

/** Collects the weights of one model. */
export interface WeightCollector {
  readonly leaves: readonly Leaf[];
  /**
   * Assigns the variables of one layer, in Keras's order.
   *
   * @param given the tensors with the last parts of their names in the file, or null where the file has
   *   no names.
   * @throws FormatError for another number of variables, or other names.
   */
  assign(leaf: Leaf, given: readonly Given[]): void;
  /** Keeps a variable under a name of the file, for a layer whose variables are not known here. */
  keep(leaf: Leaf, suffix: string, tensor: StoredTensor): void;
  drop(name: string, reason: string): void;
  finish(): AssignedWeights;
}

/** A variable as a file lists it. */
export interface Given {
  readonly tensor: StoredTensor;
  /** The name without the layer, such as `kernel`; null where the file numbers its variables. */
  readonly name: string | null;
}

/** Names that one variable has in different versions of Keras. */
const RENAMED: Readonly<Record<string, string>> = {
  W: 'kernel',
  b: 'bias',
  running_mean: 'moving_mean',
  // Despite its name it holds the variance.
  running_std: 'moving_variance',
};

/** Starts to collect the weights of a model. */
export function createWeightCollector(root: KerasLayer, file: string): WeightCollector {
  const leaves = listLeaves(root);
  const counts = new Map<string, number>();
  for (const { layer } of leaves) counts.set(layer.name, (counts.get(layer.name) ?? 0) + 1);
  const weights = new Map<string, StoredTensor>();
  const unused: { name: string; reason: string }[] = [];
  const repeated = new Set<string>();

  const add = (leaf: Leaf, suffix: string, tensor: StoredTensor): void => {
    const { name } = leaf.layer;
    // Names of layers are unique in a model, but not in the models inside it.
    const isRepeated = (counts.get(name) ?? 0) > 1;
    if (isRepeated) repeated.add(name);
    const full = `${isRepeated ? leaf.path.join('/') : name}/${suffix}`;
    if (weights.has(full)) throw new FormatError(KERAS, `${file}: two weights are called ${full}`);
    weights.set(full, { ...tensor, name: full });
  };

  return {
    leaves,
    keep: add,
    assign(leaf, given) {
      const { layer } = leaf;
      const sets = listVariables(layer);
      if (sets === null) {
        throw new UnsupportedError(
          `Keras class ${layer.className}`,
          `${file}: the weights of layer ${layer.name} (class ${layer.className}) have no names that are known; save the model as .h5, which names them`,
        );
      }
      const wanted = sets.flatMap(({ prefix, names }) =>
        names.map((name) => ({ name, suffix: prefix === '' ? name : `${prefix}/${name}` })),
      );
      if (wanted.length === 0) {
        // States of random numbers, and the like.
        for (const { tensor } of given)
          unused.push({ name: tensor.name, reason: 'no inference needs it' });
        return;
      }
      const ordered = orderVariables(given, wanted);
      if (ordered === null) {
        const found = given.map(({ name, tensor }) => name ?? tensor.name);
        throw new FormatError(
          KERAS,
          `${file}: layer ${layer.name} (${layer.className}): expected the weights ${wanted.map(({ name }) => name).join(', ')}, found ${found.length === 0 ? 'none' : found.join(', ')}`,
        );
      }
      ordered.forEach((tensor, index) => {
        const { name, suffix } = wanted[index]!;
        if (NOT_NEEDED.has(name))
          unused.push({ name: tensor.name, reason: 'no inference needs it' });
        else add(leaf, suffix, tensor);
      });
    },
    drop: (name, reason) => unused.push({ name, reason }),
    finish: () => ({
      weights: [...weights].map(([name, tensor]) => ({ name, tensor })),
      unused,
      repeated: [...repeated],
    }),
  };
}

/**
 * Brings the variables of a layer into the wanted order: the order of the file if its names agree, or else
 * the order of the names; null if neither is possible.
 */
function orderVariables(
  given: readonly Given[],
  wanted: readonly { readonly name: string }[],
): StoredTensor[] | null {
  if (given.length !== wanted.length) return null;
  const agrees = ({ name }: Given, index: number): boolean =>
    name === null || isSameVariable(name, wanted[index]!.name);
  if (given.every(agrees)) return given.map(({ tensor }) => tensor);
  const ordered = wanted.map(({ name }) =>
    given.filter((one) => isSameVariable(one.name ?? '', name)),
  );
  return ordered.every((found) => found.length === 1) ? ordered.map(([one]) => one!.tensor) : null;
}

/** Whether a name of a file means a variable. Keras 3 calls a depthwise kernel `kernel`. */
export function isSameVariable(found: string, wanted: string): boolean {
  const name = RENAMED[found] ?? found;
  return name === wanted || (name === 'kernel' && wanted === 'depthwise_kernel');
}
