import { GradcamError } from '../../base/errors.ts';
import { nearestNames } from '../../base/nearest-names.ts';
import { findWeightPrefixes, type WeightOwner } from './weight-owners.ts';

/** Most names that are compared with a missing one, because the time grows with their number. */
const MOST_COMPARED = 1_000;
/** Longest such name, because the time also grows with the product of two lengths. */
const LONGEST_COMPARED = 200;

export type { WeightOwner } from './weight-owners.ts';

/** Name and shape of a weight, as the manifest of a `model.json` lists it. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Assigns the weights of the manifest to layers. Each weight belongs to one layer. */
export interface WeightClaims {
  /** Assumptions that were needed to find the weights of some layers. */
  readonly notes: readonly string[];
  has(owner: WeightOwner, suffix: string): boolean;
  /**
   * The ends of the names of the layer's weights, after the name of the layer, in the order of the
   * manifest.
   */
  suffixes(owner: WeightOwner): readonly string[];
  /** @throws GradcamError `model` for a weight that is not there, has another shape, or another owner. */
  claim(owner: WeightOwner, suffix: string, shape: readonly number[]): string;
  /** Claims all weights whose names begin with the layer's, by the ends of their names. */
  claimAll(owner: WeightOwner): Record<string, string>;
  /** Names of weights that no layer has claimed. */
  listUnclaimed(): readonly string[];
}

/**
 * Creates the claims of one model.
 *
 * @param owners all layers of the model that may have weights.
 * @param model name of the outermost model.
 */
export function createWeightClaims(
  specs: readonly WeightSpec[],
  owners: readonly WeightOwner[],
  model: string,
): WeightClaims {
  const shapes = new Map(specs.map(({ name, shape }) => [name, shape]));
  const claimed = new Map<string, string>();
  const { prefixes, notes } = findWeightPrefixes([...shapes.keys()], owners, model);
  const prefixOf = ({ path, name }: WeightOwner): string => `${prefixes.get(path) ?? name}/`;
  const listOwn = (owner: WeightOwner): readonly string[] => {
    const prefix = prefixOf(owner);
    return [...shapes.keys()].filter((weight) => weight.startsWith(prefix));
  };

  const take = (weight: string, { path }: WeightOwner): void => {
    const owner = claimed.get(weight) ?? path;
    if (owner !== path) {
      throw new GradcamError(
        'model',
        `weight ${weight}: layers ${owner} and ${path} both claim it; the manifest must tell them apart`,
      );
    }
    claimed.set(weight, path);
  };

  const listComparable = (weight: string): string[] => {
    if (weight.length > LONGEST_COMPARED) return [];
    const left = [...shapes.keys()].filter((name) => !claimed.has(name));
    return left.filter(({ length }) => length <= LONGEST_COMPARED).slice(0, MOST_COMPARED);
  };

  return {
    notes,
    suffixes: (owner) => listOwn(owner).map((weight) => weight.slice(prefixOf(owner).length)),
    has: (owner, suffix) => shapes.has(prefixOf(owner) + suffix),
    claim(owner, suffix, shape) {
      const weight = prefixOf(owner) + suffix;
      const found = shapes.get(weight);
      if (found === undefined) {
        const [nearest] = nearestNames(weight, listComparable(weight), 1);
        const instead = nearest === undefined ? '' : `; nearest is '${nearest}'`;
        throw new GradcamError(
          'model',
          `layer ${owner.path}: the manifest has no weight '${weight}'${instead}`,
        );
      }
      if (found.join() !== shape.join()) {
        throw new GradcamError(
          'model',
          `weight ${weight}: expected shape [${shape.join(', ')}], found [${found.join(', ')}]`,
        );
      }
      take(weight, owner);
      return weight;
    },
    claimAll(owner) {
      const prefix = prefixOf(owner);
      const own = listOwn(owner);
      for (const weight of own) take(weight, owner);
      // Object.fromEntries makes a weight with the name `__proto__` an ordinary field.
      return Object.fromEntries(own.map((weight) => [weight.slice(prefix.length), weight]));
    },
    listUnclaimed: () => [...shapes.keys()].filter((name) => !claimed.has(name)),
  };
}
