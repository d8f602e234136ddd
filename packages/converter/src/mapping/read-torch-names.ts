import { createTorchArchitecture } from '../architectures/torch/family.ts';
import type { HeadPlace, HeadPlan } from '../architectures/torch/head.ts';
import type { WeightFile } from '../tensors/stored-tensor.ts';
import { describeRoot, findHeads, hasOwnBias, type HeadSearch } from './find-head.ts';
import { findNets, findStated, shapesOf, type FoundNet } from './find-torch-nets.ts';
import type { HeadModule } from './head-modules.ts';
import { matchWeights, TRAINING_COUNTER } from './match-weights.ts';
import { refuseTorch } from './refuse-torch.ts';
import { stripPrefixes } from './strip-prefixes.ts';
import { listHeadReadings } from './unwrap-head.ts';
import { listWrappings } from './unwrap-names.ts';

/** A head that is none of the published ones. */
export interface HeadFacts {
  readonly place: HeadPlace;
  readonly plan: HeadPlan;
  /** Its layers in words, such as `fc.0, ReLU, fc.3`. */
  readonly words: string;
  /** Whether something in it is neither stated nor seen in the file. */
  readonly isGuessed: boolean;
  /** Whether the caller states its modules. */
  readonly isStated: boolean;
}

/** A file with the names that its net has. */
export interface TorchReading {
  readonly file: WeightFile;
  /** The nets that fit. There is at least one. */
  readonly nets: readonly [FoundNet, ...FoundNet[]];
  readonly head: HeadFacts | undefined;
  readonly notes: readonly string[];
}

interface Stated {
  readonly wanted: string | undefined;
  readonly modules: readonly HeadModule[] | undefined;
}

/**
 * Finds out how the names of a file are to be read: without the names of wrapping modules, with the head
 * under another name, or with a head of its own.
 *
 * @throws MappingError if no net fits; NotFoundError for an unknown id
 */
export function readTorchNames(file: WeightFile, name: string, stated: Stated): TorchReading {
  const { wanted, modules } = stated;
  const stripped = stripPrefixes(file);
  const notes =
    stripped.prefixes.length > 0
      ? [`names of weights are read without ${stripped.prefixes.join('')}`]
      : [];
  // An unknown id is refused before anything else is said.
  const asked = wanted === undefined ? [] : findStated(wanted, shapesOf(stripped.file), name, true);
  let near: HeadSearch['near'];
  for (const one of [{ file: stripped.file, notes: [] }, ...listWrappings(stripped.file)]) {
    const head = readHeadNames(one.file, name, stated);
    if (head !== null) return { ...head, notes: [...notes, ...one.notes, ...head.notes] };
    const isWanted = ({ family, net }: FoundNet): boolean =>
      wanted === undefined || net.id === wanted || family.id === wanted;
    const found = findHeads(one.file, modules, isWanted);
    near ??= found.near;
    const [first, ...more] = found.nets;
    if (first === undefined) continue;
    const { place, head: planned } = first;
    const { plan, words, isGuessed } = planned;
    const how = modules === undefined ? '' : ' as stated';
    const note = `the head is read${how} as ${words}${modules === undefined ? '; dropout changes nothing, and the scores before a softmax are explained' : ''}`;
    return {
      file: one.file,
      nets: [first, ...more],
      head: { place, plan, words, isGuessed, isStated: modules !== undefined },
      notes: [...notes, ...one.notes, ...(isGuessed ? [] : [note])],
    };
  }
  const [net, ...others] = asked;
  if (net === undefined || near !== undefined) throw refuseTorch(name, stripped.file, near);
  return { file: stripped.file, nets: [net, ...others], head: undefined, notes };
}

/** How a file is read whose head is the published one, maybe under another name; null if it is none. */
function readHeadNames(
  file: WeightFile,
  name: string,
  { wanted, modules }: Stated,
): TorchReading | null {
  if (modules !== undefined) return null;
  const read = (
    one: WeightFile,
    notes: readonly string[],
    isExact: boolean,
  ): TorchReading | null => {
    if (!fits(one, isExact)) return null;
    const shapes = shapesOf(one);
    const [net, ...others] =
      wanted === undefined ? findNets(shapes) : findStated(wanted, shapes, name);
    return net ? { file: one, nets: [net, ...others], head: undefined, notes } : null;
  };
  const plain = read(file, [], false);
  if (plain !== null) return plain;
  for (const { file: renamed, from, to } of listHeadReadings(file)) {
    const note = `the head ${from} is read as ${to}; what else stands in it is not in the file: dropout changes nothing, and the scores before a softmax are explained`;
    const found = read(renamed, [note], true);
    if (found !== null) return found;
  }
  return null;
}

/**
 * Whether a file has all weights of a net.
 *
 * @param isExact whether they must have their shapes, too, and be all that the file has
 */
function fits(file: WeightFile, isExact: boolean): boolean {
  return findNets(shapesOf(file)).some((found) => {
    const { family, net, channels } = found;
    const changes = hasOwnBias(family) ? { channels } : describeRoot(file, found);
    const match = matchWeights(createTorchArchitecture(family, net, changes), file);
    const isWhole = match.missing.length === 0;
    if (!isExact || !isWhole) return isWhole;
    const counters = match.unused.filter(({ reason }) => reason === TRAINING_COUNTER);
    const foreign = match.unused.length - counters.length - file.skipped.length;
    return match.mismatched.length === 0 && foreign === 0;
  });
}
