import { GradcamError } from '../errors.ts';

/** Name and shape of a weight, as the manifest of a `model.json` lists it. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A layer whose weights are looked for: its path in the model, and its own name. */
export interface WeightOwner {
  /** Without the numbers of its calls, which share its weights. */
  readonly path: string;
  readonly name: string;
}

/** Which layer has which weight of the manifest: each belongs to one. */
export interface WeightClaims {
  has(owner: WeightOwner, suffix: string): boolean;
  /** @throws GradcamError `model` for a weight that is not there, has another shape, or another owner. */
  claim(owner: WeightOwner, suffix: string, shape: readonly number[]): string;
  /** All weights whose names begin with the layer's, by what follows. */
  claimAll(owner: WeightOwner): Record<string, string>;
}

/** Keeps the claims of one model; tfjs lists a nested layer's weights by its own name, Keras 3 by its path. */
export function createWeightClaims(specs: readonly WeightSpec[]): WeightClaims {
  const shapes = new Map(specs.map(({ name, shape }) => [name, shape]));
  const owners = new Map<string, string>();

  const find = ({ path, name }: WeightOwner, suffix: string): string | undefined =>
    [`${path}/${suffix}`, `${name}/${suffix}`].find((candidate) => shapes.has(candidate));

  const take = (weight: string, { path }: WeightOwner): void => {
    const owner = owners.get(weight) ?? path;
    if (owner !== path) {
      throw new GradcamError(
        'model',
        `weight ${weight}: layers ${owner} and ${path} both claim it; the manifest must tell them apart`,
      );
    }
    owners.set(weight, path);
  };

  return {
    has: (owner, suffix) => find(owner, suffix) !== undefined,
    claim(owner, suffix, shape) {
      const weight = find(owner, suffix);
      if (weight === undefined) {
        throw new GradcamError(
          'model',
          `layer ${owner.path}: the manifest has no weight '${owner.name}/${suffix}'`,
        );
      }
      const found = shapes.get(weight)!;
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
      const all = [...shapes.keys()];
      const prefix = [`${owner.path}/`, `${owner.name}/`].find((start) =>
        all.some((weight) => weight.startsWith(start)),
      );
      const weights: Record<string, string> = {};
      if (prefix === undefined) return weights;
      for (const weight of all) {
        if (!weight.startsWith(prefix)) continue;
        take(weight, owner);
        weights[weight.slice(prefix.length)] = weight;
      }
      return weights;
    },
  };
}
