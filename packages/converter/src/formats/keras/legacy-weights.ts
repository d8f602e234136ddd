import { FormatError } from '../../errors.ts';
import type { StoredTensor } from '../../tensors/stored-tensor.ts';
import type { Hdf5Content } from '../hdf5/read-hdf5.ts';
import {
  createWeightCollector,
  NO_LAYER,
  isSameVariable,
  type AssignedWeights,
  type Given,
  type WeightCollector,
} from './assign-weights.ts';
import { KERAS } from './json.ts';
import { listLeaves, type KerasLayer, type Leaf } from './layer-tree.ts';
import { listVariables, NOT_TRAINED } from './variables.ts';

/** A weight of a layer's group, with its name in the file. */
interface Entry {
  readonly name: string;
  readonly tensor: StoredTensor;
}

/**
 * Finds the weights of a model in the layout of `.h5` files: the attribute `layer_names` of a group lists
 * its layers, and `weight_names` of each layer its weights, in the order in which Keras assigns them.
 *
 * @param root path of the group: `model_weights`, or '' in a file of weights alone.
 * @throws FormatError for layers or weights that do not fit the model
 */
export function assignLegacyWeights(
  model: KerasLayer,
  content: Hdf5Content,
  root: string,
  file: string,
): AssignedWeights {
  const collector = createWeightCollector(model, file);
  const groups = new Map<string, readonly Entry[]>();
  for (const layer of readNames(content, root, 'layer_names', file)) {
    const group = join(root, layer);
    groups.set(
      layer,
      readNames(content, group, 'weight_names', file).map((name) => {
        const tensor = content.tensors.get(join(group, name));
        if (tensor !== undefined) return { name: name.replace(/:\d+$/, ''), tensor };
        throw new FormatError(
          KERAS,
          `${file}: it lists the weight ${join(group, name)}, which it does not hold`,
        );
      }),
    );
  }
  const leafOf = new Map(collector.leaves.map((leaf) => [leaf.layer, leaf]));
  for (const layer of model.layers ?? []) {
    const entries = groups.get(layer.name) ?? [];
    groups.delete(layer.name);
    const leaves = layer.layers === null ? [] : ownLeaves(layer, leafOf);
    if (layer.layers === null) {
      assignLayer(collector, leafOf.get(layer)!, entries);
    } else if (
      !assignByName(collector, leaves, entries) &&
      !assignByOrder(collector, leaves, entries)
    ) {
      throw new FormatError(
        KERAS,
        `${file}: the ${entries.length} weights of the model ${layer.name} do not fit its layers; load it with Keras and save it again`,
      );
    }
  }
  for (const entries of groups.values()) {
    for (const { tensor } of entries) collector.drop(tensor.name, NO_LAYER);
  }
  return collector.finish();
}

/** The layers inside a nested model, as the collector knows them. */
function ownLeaves(layer: KerasLayer, leafOf: ReadonlyMap<KerasLayer, Leaf>): readonly Leaf[] {
  return listLeaves(layer).map((leaf) => leafOf.get(leaf.layer)!);
}

/** Reads a list of names, which Keras splits into `name0`, `name1`, .. above 64 KiB. */
function readNames(
  content: Hdf5Content,
  group: string,
  name: string,
  file: string,
): readonly string[] {
  const attributes = content.groups.get(group)?.attributes;
  if (attributes === undefined) {
    throw new FormatError(KERAS, `${file}: expected a group '${group}', found none`);
  }
  const whole = attributes.get(name);
  if (whole !== undefined) return listOf(whole);
  const parts: string[] = [];
  for (let index = 0; ; index++) {
    const part = attributes.get(`${name}${index}`);
    if (part === undefined) break;
    parts.push(...listOf(part));
  }
  // h5py writes an empty list as numbers, which are no texts.
  return parts;
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

/** Assigns the weights of a layer that is no model. */
function assignLayer(collector: WeightCollector, leaf: Leaf, entries: readonly Entry[]): void {
  if (listVariables(leaf.layer) !== null) {
    collector.assign(
      leaf,
      entries.map((entry) => toGiven(entry, leaf)),
    );
    return;
  }
  for (const { name, tensor } of entries) collector.keep(leaf, suffixOf(name, leaf), tensor);
}

function toGiven({ name, tensor }: Entry, leaf: Leaf): Given {
  // Keras 1 joins layer and variable by an underscore.
  const last = name.slice(name.lastIndexOf('/') + 1);
  const prefix = `${leaf.layer.name}_`;
  return { tensor, name: last.startsWith(prefix) ? last.slice(prefix.length) : last };
}

/** The part of a name after the layer's own, or its last part. */
function suffixOf(name: string, { layer }: Leaf): string {
  const parts = name.split('/');
  const at = parts.lastIndexOf(layer.name, parts.length - 2);
  return (at < 0 ? parts.slice(-1) : parts.slice(at + 1)).join('/');
}

/** Assigns the weights of a nested model by the names of its layers; false where these do not tell. */
function assignByName(
  collector: WeightCollector,
  leaves: readonly Leaf[],
  entries: readonly Entry[],
): boolean {
  const byName = new Map<string, Leaf | null>();
  for (const leaf of leaves) {
    byName.set(leaf.layer.name, byName.has(leaf.layer.name) ? null : leaf);
  }
  const found = new Map<Leaf, Entry[]>(leaves.map((leaf) => [leaf, []]));
  for (const entry of entries) {
    const owner = entry.name
      .split('/')
      .slice(0, -1)
      .reverse()
      .find((part) => byName.has(part));
    const leaf = owner === undefined ? undefined : byName.get(owner);
    if (leaf === undefined || leaf === null) return false;
    found.get(leaf)!.push(entry);
  }
  const isWhole = leaves.every((leaf) => {
    const wanted = countVariables(leaf);
    return wanted === null || wanted === 0 || wanted === found.get(leaf)!.length;
  });
  if (!isWhole) return false;
  for (const [leaf, own] of found) assignLayer(collector, leaf, own);
  return true;
}

function countVariables({ layer }: Leaf): number | null {
  return listVariables(layer)?.reduce((sum, { names }) => sum + names.length, 0) ?? null;
}

/**
 * Assigns the weights of a nested model by their order, as Keras does: first what is trained, layer by
 * layer, then the rest. The last parts of the names must agree; false where they do not.
 */
function assignByOrder(
  collector: WeightCollector,
  leaves: readonly Leaf[],
  entries: readonly Entry[],
): boolean {
  const wanted: { leaf: Leaf; place: number; name: string }[] = [];
  const later: typeof wanted = [];
  for (const leaf of leaves) {
    const sets = listVariables(leaf.layer);
    if (sets === null) return false;
    sets
      .flatMap(({ names }) => names)
      .forEach((name, place) => {
        const isTrained = leaf.isTrainable && !NOT_TRAINED.has(name);
        (isTrained ? wanted : later).push({ leaf, place, name });
      });
  }
  const order = [...wanted, ...later];
  if (order.length !== entries.length) return false;
  const found = new Map<Leaf, Given[]>(leaves.map((leaf) => [leaf, []]));
  for (const [index, { leaf, place, name }] of order.entries()) {
    const entry = entries[index]!;
    const given = toGiven(entry, leaf);
    if (given.name === null || !isSameVariable(given.name, name)) return false;
    found.get(leaf)![place] = given;
  }
  for (const [leaf, given] of found) collector.assign(leaf, given);
  return true;
}

function join(group: string, name: string): string {
  return group === '' ? name : `${group}/${name}`;
}
