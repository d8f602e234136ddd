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
  /** What follows the layer's name in the names of its weights, in the manifest's order. */
  suffixes(owner: WeightOwner): readonly string[];
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

  /** All weights whose names begin with the layer's, and how they begin. */
  const listOwn = ({ path, name }: WeightOwner): { prefix: string; own: readonly string[] } => {
    const all = [...shapes.keys()];
    const starting = (prefix: string): readonly string[] =>
      all.filter((weight) => weight.startsWith(prefix));
    const prefix = starting(`${path}/`).length > 0 ? `${path}/` : `${name}/`;
    return { prefix, own: starting(prefix) };
  };

  return {
    suffixes(owner) {
      const { prefix, own } = listOwn(owner);
      return own.map((weight) => weight.slice(prefix.length));
    },
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
      const { prefix, own } = listOwn(owner);
      for (const weight of own) take(weight, owner);
      // From entries, so that a weight called `__proto__` is one like any other.
      return Object.fromEntries(own.map((weight) => [weight.slice(prefix.length), weight]));
    },
  };
}
