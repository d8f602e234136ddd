/** A layer whose weights are looked for. */
export interface WeightOwner {
  /**
   * The path of the layer in the model, without the numbers of its calls, which share the weights.
   */
  readonly path: string;
  readonly name: string;
}

/** The beginnings of the names of each layer's weights, and the assumptions that were needed. */
export interface WeightPrefixes {
  /** By the path of a layer, the beginning of its weights' names, without the last `/`. */
  readonly prefixes: ReadonlyMap<string, string>;
  /** One line for each layer whose weights have another name than the layer. */
  readonly notes: readonly string[];
}

/**
 * Finds the weights of all layers together, the most certain first.
 *
 * tfjs and Keras 2 name a weight by its layer alone (`conv/kernel`). Keras 3 names it by the path, and
 * a Sequential, but not a Functional model, puts its own name first (`sequential/conv/kernel`). A file
 * has both forms when one model is inside the other. A model that was built twice in one Python session
 * has a number after names without one in its topology (`conv2d_10_1/kernel`), or other numbers.
 *
 * @param names the names of all weights.
 * @param model name of the outermost model.
 */
export function findWeightPrefixes(
  names: readonly string[],
  owners: readonly WeightOwner[],
  model: string,
): WeightPrefixes {
  const prefixes = new Map<string, string>();
  const notes: string[] = [];
  const present = listPrefixes(names);
  const taken = new Set<string>();
  const assign = (found: readonly (readonly [WeightOwner, string])[]): void => {
    for (const [{ path }, prefix] of found) {
      prefixes.set(path, prefix);
      taken.add(prefix);
    }
  };
  const isFree = (prefix: string): boolean => present.has(prefix) && !taken.has(prefix);
  const open = (): readonly WeightOwner[] => owners.filter(({ path }) => !prefixes.has(path));

  const all = [...groupsOf(names)];
  const renumbered = matchByOrder(owners, all);
  assign(renumbered);
  // The rules apply one after the other, so that a name that fits one layer well is not taken by a
  // layer that it fits badly.
  for (let dropped = -1; ; dropped++) {
    const found = open().flatMap((owner) => {
      const prefix = shorten(owner, dropped, model);
      return prefix !== null && isFree(prefix) ? [[owner, prefix] as const] : [];
    });
    assign(found);
    if (owners.every((owner) => shorten(owner, dropped, model) === null)) break;
  }
  const groups = (): string[] => all.filter((prefix) => isFree(prefix) && !isInside(prefix, taken));
  // Names below a model that the topology does not contain.
  const elsewhere = matchEnds(open(), groups());
  assign(elsewhere);
  for (const [{ path, name }, prefix] of [...renumbered, ...elsewhere]) {
    if (prefix !== name) {
      notes.push(`weights of layer ${path}: those that the manifest calls ${prefix}`);
    }
  }
  return { prefixes, notes };
}

/**
 * One way in which the names of a layer's weights may begin: with model and path, with the path, and
 * then with fewer and fewer of the parts before the layer's own name; null when no part is left to
 * drop.
 */
function shorten({ path, name }: WeightOwner, dropped: number, model: string): string | null {
  if (dropped < 0) return `${model}/${path}`;
  const outer = path.length > name.length ? path.slice(0, -name.length - 1).split('/') : [];
  return dropped > outer.length ? null : [...outer.slice(dropped), name].join('/');
}

/** All prefixes of the names that end before a slash. */
function listPrefixes(names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const name of names) {
    for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
      found.add(name.slice(0, at));
    }
  }
  return found;
}

/** The names without their last part, which the weights of one layer share. */
function groupsOf(names: readonly string[]): ReadonlySet<string> {
  return new Set(
    names.filter((name) => name.includes('/')).map((name) => name.slice(0, name.lastIndexOf('/'))),
  );
}

function isInside(prefix: string, taken: ReadonlySet<string>): boolean {
  for (let at = prefix.indexOf('/'); at >= 0; at = prefix.indexOf('/', at + 1)) {
    if (taken.has(prefix.slice(0, at))) return true;
  }
  return false;
}

/**
 * Matches names such as `other_model/conv` to the layer `conv`, where only one name and one layer come
 * into question.
 */
function matchEnds(
  owners: readonly WeightOwner[],
  groups: readonly string[],
): (readonly [WeightOwner, string])[] {
  const count = new Map<string, number>();
  for (const { name } of owners) count.set(name, (count.get(name) ?? 0) + 1);
  const ends = new Map<string, string[]>();
  for (const prefix of groups) {
    const end = lastPart(prefix);
    ends.set(end, [...(ends.get(end) ?? []), prefix]);
  }
  return owners.flatMap((owner) => {
    const found = ends.get(owner.name) ?? [];
    const isOne = found.length === 1 && count.get(owner.name) === 1;
    return isOne ? [[owner, found[0]!] as const] : [];
  });
}

/**
 * Matches layers and names that differ only in their numbers, in the order of the numbers: `conv2d`,
 * `conv2d_1` in the model and `conv2d_1`, `conv2d_1_1` or `conv2d_4`, `conv2d_5` in the manifest. Such
 * names must not be matched literally, because `conv2d_1` in the first example belongs to the first
 * layer. Where the numbers of layers and of names differ, or a name occurs twice, nothing is guessed.
 */
function matchByOrder(
  owners: readonly WeightOwner[],
  groups: readonly string[],
): (readonly [WeightOwner, string])[] {
  const layers = groupBy(owners, ({ name }) => stemOf(name));
  const named = groupBy(groups, (prefix) => stemOf(lastPart(prefix)));
  return [...named].flatMap(([stem, prefixes]) => {
    const own = layers.get(stem) ?? [];
    const left = new Set(own.map(({ name }) => name));
    const right = new Set(prefixes.map(lastPart));
    const isWhole = left.size === own.length && right.size === prefixes.length;
    const isSame = [...right].every((name) => left.has(name));
    if (!isWhole || isSame || left.size !== right.size) return [];
    const byNumber = (a: string, b: string): number => compareNumbers(numbersOf(a), numbersOf(b));
    const sorted = [...prefixes].sort((a, b) => byNumber(lastPart(a), lastPart(b)));
    return [...own]
      .sort((a, b) => byNumber(a.name, b.name))
      .map((owner, i) => [owner, sorted[i]!] as const);
  });
}

function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const value of values) {
    const list = found.get(keyOf(value));
    if (list === undefined) found.set(keyOf(value), [value]);
    else list.push(value);
  }
  return found;
}

function stemOf(name: string): string {
  return name.replace(/(_\d+)+$/, '');
}

function numbersOf(name: string): number[] {
  return (/(?:_\d+)+$/.exec(name)?.[0] ?? '').split('_').slice(1).map(Number);
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? -1) - (b[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
