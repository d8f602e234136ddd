import { MappingError } from '../errors.ts';
import type { Architecture, Variant } from '../architectures/architecture.ts';
import type { NetworkDraft, WeightRecord } from '../architectures/network.ts';
import {
  countElements,
  formatShape,
  type StoredTensor,
  type WeightFile,
} from '../tensors/stored-tensor.ts';
import { findNearestName } from './nearest-name.ts';
import { arrangeTensor, describeTorchLayout, fitsTorchLayout } from './torch-layout.ts';

/**
 * The most missing names for which similar names are suggested. Comparing names takes quadratic time, and
 * after this many a hint no longer helps.
 */
const MAX_HINTS = 8;

/** The reason with which the counters of PyTorch's batch normalisation are left out. */
export const TRAINING_COUNTER = 'counter of the training';

/** Assigns the tensors of a file to the weights of a net by their names. */
export interface WeightMatch {
  readonly architecture: Architecture;
  readonly variant: Variant;
  readonly classes: number;
  readonly draft: NetworkDraft;
  readonly used: readonly UsedTensor[];
  /** Tensors that belong to no weight of the net. */
  readonly unused: readonly UnusedTensor[];
  readonly missing: readonly MissingWeight[];
  readonly mismatched: readonly MismatchedWeight[];
}

/** A weight and its tensor. Both shapes contain the same elements in the same order. */
export interface UsedTensor {
  readonly weight: WeightRecord;
  readonly tensor: StoredTensor;
}

/** A tensor of the file that is not used, and what it seems to be. */
export interface UnusedTensor {
  readonly name: string;
  readonly reason: string;
}

/** A weight for which the file has no tensor. */
export interface MissingWeight {
  /** The weight's usual name in the source. */
  readonly wanted: string;
  /** The most similar name among the unused tensors. */
  readonly nearest: string | undefined;
}

/** A tensor with the right name and the wrong shape. */
export interface MismatchedWeight {
  readonly name: string;
  readonly expected: readonly number[];
  readonly found: readonly number[];
}

/**
 * Finds the weights of an architecture among a file's tensors. It uses the naming that finds the most
 * weights, and the number of classes in the file's head. It does not throw; see
 * {@link requireCompleteMatch}.
 */
export function matchWeights(wanted: Architecture, file: WeightFile): WeightMatch {
  const tensors = new Map(file.tensors.map((tensor) => [tensor.name, tensor]));
  const architecture = wanted.specialise?.((name) => tensors.get(name)?.shape) ?? wanted;
  const published = architecture.draft(architecture.classes);
  const variant = chooseVariant(architecture, published, tensors);
  const classes = findClassCount(architecture, published, variant, tensors);
  const draft = classes === architecture.classes ? published : architecture.draft(classes);

  const used: UsedTensor[] = [];
  const mismatched: MismatchedWeight[] = [];
  const absent: string[] = [];
  const taken = new Set<string>();
  for (const weight of draft.weights) {
    const names = variant.nameWeight(weight);
    const tensor = names.map((name) => tensors.get(name)).find((found) => found !== undefined);
    if (tensor === undefined) {
      absent.push(names[0] ?? weight.name);
      continue;
    }
    taken.add(tensor.name);
    const { name, shape } = tensor;
    if (variant.layout === 'torch') {
      const layout = describeTorchLayout(weight);
      if (fitsTorchLayout(shape, layout)) {
        used.push({ weight, tensor: arrangeTensor(tensor, layout) });
      } else {
        mismatched.push({ name, expected: layout.view, found: shape });
      }
    } else if (isSameContent(shape, weight.shape)) used.push({ weight, tensor });
    else mismatched.push({ name, expected: weight.shape, found: shape });
  }
  const rest = [...tensors.keys()].filter((name) => !taken.has(name));
  return {
    architecture,
    variant,
    classes,
    draft,
    used,
    unused: [...rest.map((name) => ({ name, reason: describeUnused(name) })), ...file.skipped],
    missing: absent.map((name, index) => ({
      wanted: name,
      nearest: index < MAX_HINTS ? findNearestName(name, rest) : undefined,
    })),
    mismatched,
  };
}

/**
 * Accepts a match only if every weight was found with its shape.
 *
 * @throws MappingError naming what is missing, with the most similar names
 */
export function requireCompleteMatch(match: WeightMatch, fileName: string): void {
  const { missing, mismatched, architecture } = match;
  if (missing.length === 0 && mismatched.length === 0) return;
  const parts: string[] = [];
  const [absent] = missing;
  if (absent !== undefined) {
    const hint = absent.nearest === undefined ? '' : ` (nearest: '${absent.nearest}')`;
    parts.push(`${missing.length} of ${match.draft.weights.length} weights are missing`);
    parts.push(`first: '${absent.wanted}'${hint}`);
  }
  const [wrong] = mismatched;
  if (wrong !== undefined) {
    parts.push(
      `${mismatched.length} have another shape, first '${wrong.name}': expected ${formatShape(wrong.expected)}, found ${formatShape(wrong.found)}`,
    );
  }
  throw new MappingError(
    `${fileName} is no ${architecture.id}: ${parts.join('; ')}; is it another architecture?`,
    missing.map(({ wanted }) => wanted),
    mismatched.map(({ name }) => name),
  );
}

function chooseVariant(
  architecture: Architecture,
  draft: NetworkDraft,
  tensors: ReadonlyMap<string, StoredTensor>,
): Variant {
  const counted = architecture.variants.map((variant) => ({
    variant,
    hits: draft.weights.filter((weight) => variant.nameWeight(weight).some((n) => tensors.has(n)))
      .length,
  }));
  // If two variants find equally many weights, the first one, which is preferred, wins.
  const best = counted.reduce((left, right) => (right.hits > left.hits ? right : left));
  return best.variant;
}

function findClassCount(
  architecture: Architecture,
  draft: NetworkDraft,
  variant: Variant,
  tensors: ReadonlyMap<string, StoredTensor>,
): number {
  const bias = draft.weights.find(({ name }) => name === architecture.classWeight);
  if (bias === undefined) return architecture.classes;
  for (const name of variant.nameWeight(bias)) {
    const shape = tensors.get(name)?.shape;
    const [classes] = shape ?? [];
    // The kernel of a linear layer of PyTorch begins with the number of its outputs, too.
    const isCount = shape?.length === 1 || (shape !== undefined && variant.layout === 'torch');
    if (isCount && classes !== undefined && classes > 0) return classes;
  }
  return architecture.classes;
}

/**
 * Whether two shapes have the same bytes, as a convolution over the whole grid [7, 7, 512, n] and a dense
 * layer do.
 */
function isSameContent(found: readonly number[], wanted: readonly number[]): boolean {
  const same = found.length === wanted.length && found.every((size, i) => size === wanted[i]);
  const asDense = wanted.length === 2 && found.length === 4 && found.at(-1) === wanted[1];
  return same || (asDense && countElements(found) === countElements(wanted));
}

function describeUnused(name: string): string {
  if (/(^|\.)num_batches_tracked$/.test(name)) return TRAINING_COUNTER;
  if (/(^|\/)global_step$/.test(name)) return 'training step counter';
  if (/(^|\/)mean_rgb$/.test(name)) return 'mean colour, which the preprocessing subtracts';
  if (/(Momentum|Adam(_1)?|RMSProp(_1)?|Ftrl(_1)?|Adagrad|ExponentialMovingAverage)$/.test(name)) {
    return 'optimizer state';
  }
  return 'not used by this architecture';
}
