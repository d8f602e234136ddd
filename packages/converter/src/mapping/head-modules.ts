import {
  findHeadFunction,
  HEAD_FUNCTION_NAMES,
  type HeadFunction,
} from '../architectures/torch/head-functions.ts';
import { UnsupportedError } from '../errors.ts';

/** A module of a head as a user states it. */
export type HeadModule =
  | { readonly kind: 'linear' | 'batch-norm' | 'layer-norm' }
  | { readonly kind: 'function'; readonly function: HeadFunction }
  /** A module that changes nothing in a prediction, such as dropout, or the softmax at the end. */
  | { readonly kind: 'none' | 'softmax' };

const WITH_WEIGHTS: Readonly<Record<string, HeadModule['kind']>> = {
  linear: 'linear',
  batchnorm: 'batch-norm',
  batchnorm1d: 'batch-norm',
  layernorm: 'layer-norm',
};
const WITHOUT_EFFECT = ['dropout', 'alphadropout', 'flatten', 'identity', 'none'];
const AT_THE_END = ['softmax', 'logsoftmax'];

/**
 * Reads the modules of a head as they stand in Python, such as `Linear,ReLU,Dropout,Linear`, or a function
 * alone, such as `GELU`, which then stands between all linear layers. Names are those of `torch.nn`, in any
 * case. A number belongs to `LeakyReLU(0.2)` and `ELU(0.5)`, and to dropout, where it changes nothing.
 *
 * @throws UnsupportedError naming a module that is not known, and those that are
 */
export function parseHead(text: string): readonly HeadModule[] {
  const parts = text.split(/,(?![^(]*\))/).map((part) => part.trim());
  return parts.map((part) => {
    const [, given = '', numbers] = /^(?:nn\.)?([A-Za-z][\w-]*)(?:\(([^()]*)\))?$/.exec(part) ?? [];
    const name = given.toLowerCase().replaceAll(/[_-]/g, '');
    const module = findModule(name, withoutFlags(numbers));
    if (module !== undefined) return module;
    const known = [...Object.keys(WITH_WEIGHTS), ...HEAD_FUNCTION_NAMES, ...WITHOUT_EFFECT];
    throw new UnsupportedError(
      'module of a head',
      `head: '${part}' is no module that is known here; known are ${[...known, ...AT_THE_END].join(', ')}, with commas between, in the order in which the net computes them; a number is taken by leakyrelu(0.2) and elu(0.5) alone`,
    );
  });
}

function findModule(name: string, numbers: string | undefined): HeadModule | undefined {
  if (WITHOUT_EFFECT.includes(name)) return { kind: 'none' };
  if (AT_THE_END.includes(name)) return { kind: 'softmax' };
  const own = Object.hasOwn(WITH_WEIGHTS, name) ? WITH_WEIGHTS[name] : undefined;
  // The sizes of a linear layer are in the file, and so is what a normalisation has learnt.
  if (own !== undefined) return numbers === undefined ? ({ kind: own } as HeadModule) : undefined;
  const number = numbers === undefined ? undefined : Number(numbers.replace(/^\w+ *= */, ''));
  if (number !== undefined && !Number.isFinite(number)) return undefined;
  const found = findHeadFunction(name, number);
  return found && { kind: 'function', function: found };
}

/** `inplace=True` says where a function writes its result, and changes no number. */
function withoutFlags(numbers = ''): string | undefined {
  return numbers.replace(/^(?:inplace *= *)?(?:True|False)$/i, '').trim() || undefined;
}
