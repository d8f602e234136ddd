import { findHeadFunction, type HeadFunction } from '../architectures/torch/head-functions.ts';
import type { HeadLayer, HeadPlan } from '../architectures/torch/head.ts';
import type { Value } from '../architectures/torch/torch-layers.ts';
import type { HeadModule } from './head-modules.ts';
import { countBetween, splitPath, type HeadPart, type HeadProblem } from './head-parts.ts';

/** A head that was read, and what is known of it. */
export interface PlannedHead {
  readonly plan: HeadPlan;
  /** Its layers in words, such as `fc.0, ReLU, fc.3`. */
  readonly words: string;
  /**
   * Whether something is neither stated nor seen in the file: a function, a pooling, or that these layers are
   * the head.
   */
  readonly isGuessed: boolean;
}

/** Where trainers put heads of their own. Layers elsewhere may be something else. */
const USUAL_PLACE = /^(fc|classifier|head|last_linear)(\.|$)/;
const FASTAI_POOLING = 'largest values and means of the grid';

/** What stands in a head: a part of the file, or a function. */
type Item = HeadPart | HeadFunction;

/** The function that stands between linear layers where nothing is stated, since most heads have it. */
const USUAL = findHeadFunction('relu')!;

/**
 * Makes the plan of a head of the layers that a file holds. What lies between them is stated, or else a ReLU
 * is put between two linear layers, unless their numbers say that nothing lies there.
 *
 * @param body what the head takes
 * @param modules what the user states: all modules, or a single function
 * @param takesGrid whether the net's own head takes the grid, and this one its means
 */
export function planHead(
  parts: readonly HeadPart[],
  body: Value,
  modules: readonly HeadModule[] | undefined,
  takesGrid = false,
): PlannedHead | HeadProblem {
  const shapes = checkChain(parts, body);
  if ('problem' in shapes) return shapes;
  const isWhole = modules?.some(({ kind }) => isWeighted(kind)) === true;
  const placed = isWhole ? placeStated(parts, modules) : placeUsual(parts, modules);
  if ('problem' in placed) return placed;
  const units = parts.at(-1)!.outputs;
  const plan: HeadPlan = {
    layers: nameItems(placed.items),
    output: placed.output ?? (units === 1 ? 'sigmoid' : 'softmax'),
    pooling: shapes.pooling,
  };
  const isUsual = parts.every(({ path }) => USUAL_PLACE.test(path));
  const before = shapes.pooling ? FASTAI_POOLING : takesGrid ? 'means of the grid' : undefined;
  const words = placed.items.map((item) => ('path' in item ? item.path : item.title));
  return {
    plan,
    words: [before, ...words].filter((one) => one !== undefined).join(', '),
    isGuessed: modules === undefined && (placed.isGuessed || before !== undefined || !isUsual),
  };
}

interface PlacedItems {
  readonly items: readonly Item[];
  readonly output?: HeadPlan['output'];
  readonly isGuessed: boolean;
}

/** fastai's head takes the largest values of the grid and then its means, twice the channels. */
const FASTAI = /^1\.\d+$/;

function checkChain(
  parts: readonly HeadPart[],
  body: Value,
): HeadProblem | { readonly pooling: HeadPlan['pooling'] } {
  const cells = body.height * body.width;
  let width = body.channels * cells;
  const [first] = parts;
  if (parts.at(-1)?.kind !== 'linear') {
    return { problem: 'does not end in a linear layer' };
  }
  const isFastai = cells === 1 && first!.inputs === 2 * width && parts.every(isOfFastai);
  if (isFastai) width *= 2;
  if (cells > 1 && first!.kind !== 'linear') {
    return { problem: `begins with the normalisation ${first!.path} of a grid, which is not read` };
  }
  for (const { path, inputs, outputs } of parts) {
    if (inputs !== width) {
      return {
        problem: `has the layer ${path}, which takes ${inputs} numbers and would get ${width}`,
      };
    }
    width = outputs;
  }
  return { pooling: isFastai ? 'max-and-mean' : undefined };
}

function isOfFastai({ path }: HeadPart): boolean {
  return FASTAI.test(path);
}

/** Puts the stated modules and the layers of the file together. */
function placeStated(
  parts: readonly HeadPart[],
  modules: readonly HeadModule[],
): PlacedItems | HeadProblem {
  const stated = modules.filter(({ kind }) => isWeighted(kind));
  const isSame =
    stated.length === parts.length && stated.every(({ kind }, i) => kind === parts[i]!.kind);
  if (!isSame) {
    return {
      problem: `has the layers ${parts.map(({ path, kind }) => `${path} (${kind})`).join(', ')}, which are not the stated ones (${stated.map(({ kind }) => kind).join(', ')})`,
    };
  }
  const items: Item[] = [];
  let [next, between] = [0, 0];
  let output: HeadPlan['output'] | undefined;
  for (const module of modules) {
    if (output !== undefined && module.kind !== 'none') {
      return {
        problem: 'ends in what makes probabilities of the scores, and more is stated behind it',
      };
    }
    if (isWeighted(module.kind)) {
      const part = parts[next]!;
      const room = next === 0 ? undefined : countBetween(parts[next - 1]!.path, part.path);
      if (room !== undefined && between > room) {
        return {
          problem: `has room for ${room} modules between ${parts[next - 1]!.path} and ${part.path}, and ${between} are stated there`,
        };
      }
      items.push(part);
      next++;
      between = 0;
      continue;
    }
    between++;
    const isEnd = next === parts.length;
    if (module.kind === 'softmax' || (isEnd && module.kind === 'function')) {
      const isSigmoid = module.kind === 'function' && module.function.title === 'Sigmoid';
      if (!isEnd || (module.kind === 'function' && !isSigmoid)) {
        return { problem: 'makes probabilities in its middle, or ends in another function' };
      }
      output = isSigmoid ? 'sigmoid' : 'softmax';
    } else if (module.kind === 'function') items.push(module.function);
  }
  return { items, output, isGuessed: false };
}

/** Puts one function between two linear layers, where the numbers of the layers leave room for it. */
function placeUsual(
  parts: readonly HeadPart[],
  modules: readonly HeadModule[] | undefined,
): PlacedItems | HeadProblem {
  const [module, ...more] = modules ?? [];
  if (more.length > 0)
    return { problem: 'takes the linear layers too, where several modules are stated' };
  if (module?.kind === 'softmax') {
    return { problem: 'takes the linear layers too, where a softmax is stated' };
  }
  const isLinear = module?.kind === 'none';
  const own = module?.kind === 'function' ? module.function : USUAL;
  const items: Item[] = [];
  let isGuessed = false;
  let group: HeadPart[] = [];
  for (const part of parts) {
    if (part.kind === 'linear' && group.length > 0) {
      const at = isLinear ? undefined : findRoom([...group, part]);
      group.forEach((one, index) => {
        items.push(one);
        if (index === at) items.push(own);
      });
      if (at !== undefined) isGuessed = true;
      group = [];
    }
    if (part.kind === 'linear' || group.length > 0) group.push(part);
    else items.push(part);
  }
  if (module?.kind === 'function' && !items.includes(own)) {
    return {
      problem: `has no two linear layers with room for ${own.title} between them; state all of its modules, such as --head linear,${own.title.toLowerCase()}`,
    };
  }
  return { items: [...items, ...group], isGuessed };
}

/**
 * The place of the function in a linear layer, its normalisations and the next linear layer: where there is
 * room, and where both sides of a normalisation have it, before it, as in fastai's heads. Names that are no
 * numbers say nothing of the room; the function then stands behind the normalisation.
 */
function findRoom(group: readonly HeadPart[]): number | undefined {
  const rooms = group.slice(1).map((part, index) => countBetween(group[index]!.path, part.path));
  const numbered = rooms.findIndex((room) => room !== undefined && room > 0);
  if (numbered >= 0) return numbered;
  const unknown = rooms.lastIndexOf(undefined);
  return unknown >= 0 ? unknown : undefined;
}

/** Functions are called by their number in the sequence, where it is known. */
function nameItems(items: readonly Item[]): HeadLayer[] {
  const taken = new Set(items.flatMap((item) => ('path' in item ? [item.path] : [])));
  let [last, after] = ['head', 0];
  return items.map((item): HeadLayer => {
    if ('path' in item) {
      [last, after] = [item.path, 0];
      const { path, outputs: units, bias } = item;
      return item.kind === 'linear'
        ? { kind: 'linear', path, units, bias }
        : { kind: item.kind, path };
    }
    after++;
    const place = splitPath(last);
    const number =
      place && `${place.parent === '' ? '' : `${place.parent}.`}${place.index + after}`;
    const isFree = number !== undefined && !taken.has(number) && place?.parent !== '';
    const path = isFree
      ? number
      : `${last}/${item.title.replaceAll(/[^A-Za-z0-9.]/g, '_')}_${after}`;
    return { kind: 'function', path, function: item };
  });
}

function isWeighted(kind: HeadModule['kind']): boolean {
  return kind === 'linear' || kind === 'batch-norm' || kind === 'layer-norm';
}
