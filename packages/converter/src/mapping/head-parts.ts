import type { StoredTensor } from '../tensors/stored-tensor.ts';

/** A layer of a head that has weights in the file. */
export interface HeadPart {
  /** The layer's name, such as `fc.3`. */
  readonly path: string;
  readonly kind: 'linear' | 'batch-norm' | 'layer-norm';
  readonly inputs: number;
  readonly outputs: number;
  readonly bias: boolean;
}

/** Why a head cannot be read, as a part of a sentence. */
export interface HeadProblem {
  readonly problem: string;
}

/** The parameters of a layer, and the counter of batch normalisations, which no prediction needs. */
const PARAMETER = /^(.+)\.(weight|bias|running_mean|running_var|num_batches_tracked)$/;

/**
 * Lists the layers whose weights are the given tensors, in the order of their numbers, or else of the file.
 */
export function listParts(tensors: readonly StoredTensor[]): readonly HeadPart[] | HeadProblem {
  const layers = new Map<string, Map<string, readonly number[]>>();
  for (const { name, shape } of tensors) {
    const [, path, parameter] = PARAMETER.exec(name) ?? [];
    if (path === undefined || parameter === undefined) return problemOf(name, shape);
    const layer = layers.get(path) ?? new Map<string, readonly number[]>();
    layers.set(path, layer.set(parameter, shape));
  }
  const parts: HeadPart[] = [];
  for (const [path, shapes] of layers) {
    const part = describePart(path, shapes);
    if (part === undefined) {
      const [parameter, shape] = [...shapes][0]!;
      return problemOf(`${path}.${parameter}`, shape);
    }
    parts.push(part);
  }
  return parts.sort((left, right) => comparePaths(left.path, right.path));
}

/**
 * The number of modules without weights between two layers of a sequence; undefined where the names are no
 * numbers of one sequence, and nothing is known.
 */
export function countBetween(left: string, right: string): number | undefined {
  const [before, after] = [splitPath(left), splitPath(right)];
  if (before === undefined || after === undefined || before.parent !== after.parent) {
    return undefined;
  }
  return after.index - before.index - 1;
}

/** The sequence of a layer and its number there. */
export function splitPath(path: string): { parent: string; index: number } | undefined {
  const [, parent = '', number] = /^(?:(.*)\.)?(\d+)$/.exec(path) ?? [];
  return number === undefined ? undefined : { parent, index: Number(number) };
}

function describePart(
  path: string,
  shapes: ReadonlyMap<string, readonly number[]>,
): HeadPart | undefined {
  const weight = shapes.get('weight');
  const [outputs = 0, inputs = outputs] = weight ?? [];
  const ofOutputs = (parameter: string): boolean => {
    const shape = shapes.get(parameter);
    return shape?.length === 1 && shape[0] === outputs;
  };
  const has = (...parameters: string[]): boolean => parameters.every(ofOutputs);
  const bias = shapes.has('bias');
  if (outputs < 1 || inputs < 1 || (bias && !has('bias'))) return undefined;
  const isTracked = shapes.has('running_mean') || shapes.has('running_var');
  if (weight?.length === 2 && !isTracked) return { path, kind: 'linear', inputs, outputs, bias };
  if (weight?.length !== 1 || !bias) return undefined;
  if (!isTracked) return { path, kind: 'layer-norm', inputs, outputs, bias };
  if (!has('running_mean', 'running_var')) return undefined;
  return { path, kind: 'batch-norm', inputs, outputs, bias };
}

function problemOf(name: string, shape: readonly number[]): HeadProblem {
  return {
    problem: `holds ${name} [${shape.join(', ')}], which belongs to no linear layer and no normalisation of a head`,
  };
}

/** Numbers are compared as numbers, since some files have the order 0, 10, 3. Other names keep theirs. */
function comparePaths(left: string, right: string): number {
  const [before, after] = [left.split('.'), right.split('.')];
  for (const [index, one] of before.entries()) {
    const other = after[index];
    if (one === other) continue;
    const areNumbers = /^\d+$/.test(one) && /^\d+$/.test(other ?? '');
    return areNumbers ? Number(one) - Number(other) : 0;
  }
  return 0;
}
