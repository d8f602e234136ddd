import { LimitError } from '../../errors.ts';
import { MAX_NAME_BYTES, MAX_PICKLE_DEPTH } from '../../bytes/limits.ts';
import type { PickleBudget } from '../pickle/budget.ts';
import { isKind } from '../pickle/numpy-globals.ts';
import type { ModuleAttribute, TorchModule } from '../../tensors/stored-tensor.ts';
import type { PickleDict, PickleRecord, PickleTensor, PickleValue } from '../pickle/values.ts';

/** The modules of a model and the tensors of its state dict. */
export interface ModuleTree {
  readonly modules: readonly TorchModule[];
  readonly tensors: PickleDict;
}

/** Whether a value is a model of known classes. */
export function isModule(value: PickleValue | undefined): value is PickleRecord {
  return isKind(value, 'record') && value.attributes !== undefined;
}

/**
 * Walks through a model as `model.state_dict()` does: parameters, buffers, and modules inside.
 *
 * @throws LimitError for a model that contains itself
 */
export function readModuleTree(root: PickleRecord, budget: PickleBudget): ModuleTree {
  const modules: TorchModule[] = [];
  const tensors = new Map<string, PickleValue>();
  walk(root, '', 0);
  return { modules, tensors: { kind: 'dict', entries: tensors } };

  function walk(module: PickleRecord, path: string, depth: number): void {
    budget.spend('values in a pickle', 1);
    if (depth > MAX_PICKLE_DEPTH) {
      throw new LimitError('nesting of modules', MAX_PICKLE_DEPTH, depth);
    }
    if (path.length > MAX_NAME_BYTES) throw new LimitError('name', MAX_NAME_BYTES, path.length);
    const attributes = module.attributes?.entries ?? new Map<string, PickleValue>();
    const of = (key: string): [string, PickleValue][] => {
      const found = attributes.get(key);
      return isKind(found, 'dict') ? [...found.entries] : [];
    };
    const children = of('_modules').filter((entry): entry is [string, PickleRecord] =>
      isKind(entry[1], 'record'),
    );
    modules.push({
      path,
      className: module.className ?? 'an unknown class',
      attributes: listAttributes(attributes, budget),
      hasChildren: children.length > 0,
    });
    const inside = (name: string): string => (path === '' ? name : `${path}.${name}`);
    const isTensor = (entry: [string, PickleValue]): entry is [string, PickleTensor] =>
      isKind(entry[1], 'tensor');
    for (const [name, value] of [...of('_parameters'), ...of('_buffers')].filter(isTensor)) {
      tensors.set(inside(name), value);
    }
    for (const [name, child] of children) walk(child, inside(name), depth + 1);
  }
}

function listAttributes(
  attributes: ReadonlyMap<string, PickleValue>,
  budget: PickleBudget,
): Map<string, ModuleAttribute> {
  const plain = new Map<string, ModuleAttribute>();
  for (const [name, value] of attributes) {
    budget.spend('values in a pickle', 1);
    if (name.startsWith('_')) continue;
    if (value === null || ['number', 'boolean', 'string'].includes(typeof value)) {
      plain.set(name, value as ModuleAttribute);
    } else if (isKind(value, 'tuple') || isKind(value, 'list')) {
      const numbers = value.items.flatMap((item) => (typeof item === 'number' ? [item] : []));
      if (numbers.length === value.items.length) plain.set(name, numbers);
    }
  }
  return plain;
}
