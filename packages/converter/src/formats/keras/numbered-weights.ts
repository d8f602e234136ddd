import { FormatError, UnsupportedError } from '../../errors.ts';
import type { StoredTensor } from '../../tensors/stored-tensor.ts';
import type { Hdf5Content } from '../hdf5/read-hdf5.ts';
import {
  createWeightCollector,
  NO_LAYER,
  type AssignedWeights,
  type WeightCollector,
} from './assign-weights.ts';
import { KERAS } from './json.ts';
import type { KerasLayer, Leaf } from './layer-tree.ts';
import { listVariables, snake } from './variables.ts';

/** The group with the layers of a model in files of Keras 2.14 and later. */
const LAYERS = 'layers';

/**
 * The same in files of Keras 2.12 and 2.13, which wrote the first `.keras` files. Their numbers have gaps: a
 * layer with weights was counted twice, under two names, and written once.
 */
const DEPENDENCIES = '_layer_checkpoint_dependencies';

/**
 * Finds the weights of a model in the layout of `model.weights.h5` of Keras 3: a group for each layer, named
 * by its class and, from the second of a class on, a number (`layers/conv2d_1`), with numbered variables in
 * its group `vars`.
 *
 * @throws FormatError for layers or weights that do not fit the model
 */
export function assignNumberedWeights(
  model: KerasLayer,
  content: Hdf5Content,
  file: string,
): AssignedWeights {
  const collector = createWeightCollector(model, file);
  const taken = new Set<string>();
  /** The groups of the model's layers. */
  const known = new Set<string>();
  const leaves = new Map(collector.leaves.map((leaf) => [leaf.layer, leaf]));
  const variables = new Map<string, StoredTensor[]>();
  for (const [path, tensor] of content.tensors) {
    // The first files have backslashes, as they were written on Windows.
    const [, owner, number] = /^(.*?)[\\/]?vars[\\/](\d{1,2})$/.exec(path) ?? [];
    if (owner === undefined) continue;
    const key = owner.replaceAll('\\', '/');
    const own = variables.get(key) ?? [];
    own[Number(number)] = tensor;
    variables.set(key, own);
  }
  const [other] = content.tensors.keys();
  if (variables.size === 0 && other !== undefined) {
    throw new FormatError(
      KERAS,
      `${file}: expected weights that Keras wrote, found ${content.tensors.size} other tensors, first ${other}; give the file of model.save() or model.save_weights()`,
    );
  }

  const present = new Set<string>();
  for (const group of content.groups.keys()) {
    const path = group.replaceAll('\\', '/');
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      present.add(path.slice(0, end));
    }
  }

  const visit = (owner: KerasLayer, group: string): void => {
    const hasGaps = !present.has(join(group, LAYERS)) && present.has(join(group, DEPENDENCIES));
    const container = join(group, hasGaps ? DEPENDENCIES : LAYERS);
    const numbers = hasGaps ? listNumbers(present, container) : new Map<string, number[]>();
    const used = new Map<string, number>();
    for (const layer of owner.layers ?? []) {
      if (layer.isOperator) continue;
      const kind = snake(layer.className);
      const count = used.get(kind) ?? 0;
      used.set(kind, count + 1);
      const number = numbers.get(kind)?.[count] ?? count;
      const path = join(container, number === 0 ? kind : `${kind}_${number}`);
      const stated = content.groups.get(`${path}/vars`)?.attributes.get('name');
      if (typeof stated === 'string' && stated !== layer.name) {
        throw new FormatError(
          KERAS,
          `${file}: ${path} holds the weights of the layer ${stated}, expected those of ${layer.name}; load it with Keras and save it again`,
        );
      }
      if (layer.layers !== null) {
        visit(layer, path);
        continue;
      }
      known.add(path);
      assignNumbered(collector, leaves.get(layer)!, path, variables, taken, file);
    }
  };
  visit(model, '');
  for (const [path, tensors] of variables) {
    if (taken.has(path)) continue;
    const reason = isOfNoLayer(path, known) ? NO_LAYER : 'no inference needs it';
    for (const { name } of tensors) collector.drop(name, reason);
  }
  return collector.finish();
}

/** Whether a group stands among the layers of a model, and not in a layer that the model has. */
function isOfNoLayer(path: string, known: ReadonlySet<string>): boolean {
  const parts = path.split('/');
  if (parts[0] !== LAYERS && parts[0] !== DEPENDENCIES) return false;
  return parts.every((_, end) => !known.has(parts.slice(0, end + 1).join('/')));
}

function assignNumbered(
  collector: WeightCollector,
  leaf: Leaf,
  path: string,
  variables: ReadonlyMap<string, readonly StoredTensor[]>,
  taken: Set<string>,
  file: string,
): void {
  const sets = listVariables(leaf.layer);
  if (sets === null) {
    const first = [...variables.keys()].find(
      (owner) => owner === path || owner.startsWith(`${path}/`),
    );
    if (first === undefined) return;
    const { name, className } = leaf.layer;
    throw new UnsupportedError(
      `Keras class ${className}`,
      `${file}: the weights of layer ${name} (class ${className}) have numbers and no names; save the model as .h5, which names them`,
    );
  }
  const given = sets.flatMap(({ group, names }) => {
    const owner = [path, ...group].join('/');
    taken.add(owner);
    const own = [...(variables.get(owner) ?? [])];
    if (names.length > 0 && (own.length !== names.length || own.includes(undefined as never))) {
      throw new FormatError(
        KERAS,
        `${file}: layer ${leaf.layer.name}: expected ${names.join(', ')} in ${owner}/vars, found ${own.filter(Boolean).length} weights`,
      );
    }
    return own.map((tensor) => ({ tensor, name: null }));
  });
  collector.assign(leaf, given);
}

/** The numbers of the groups of each class, in ascending order. The group without a number has 0. */
function listNumbers(present: ReadonlySet<string>, container: string): Map<string, number[]> {
  const numbers = new Map<string, number[]>();
  for (const path of present) {
    const name = path.startsWith(`${container}/`) ? path.slice(container.length + 1) : '';
    if (name === '' || name.includes('/')) continue;
    const [, kind = name, number = '0'] = /^(.+?)_(\d{1,6})$/.exec(name) ?? [];
    const own = numbers.get(kind);
    if (own === undefined) numbers.set(kind, [Number(number)]);
    else own.push(Number(number));
  }
  for (const own of numbers.values()) own.sort((a, b) => a - b);
  return numbers;
}

function join(group: string, name: string): string {
  return group === '' ? name : `${group}/${name}`;
}
