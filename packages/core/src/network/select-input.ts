import { GradcamError } from '../base/errors.ts';
import { nearestNames } from '../base/nearest-names.ts';
import { findNode, type Network } from './network.ts';

/** Which of a model's inputs are given, and which takes the picture. */
export interface InputChoice {
  /** Names of the inputs whose values are given. */
  readonly given: readonly string[];
  /** The input that takes the picture, where somebody says so. */
  readonly imageInput?: string | undefined;
}

/**
 * The input that takes the picture: the one stated, else the first picture that is not given, else the first
 * input that is not.
 *
 * @throws GradcamError `not-found` for a name that no input has, with near ones; `argument` where none is left.
 */
export function chooseImageInput(network: Network, { given, imageInput }: InputChoice): string {
  for (const name of [...given, ...(imageInput === undefined ? [] : [imageInput])]) {
    if (!network.inputs.includes(name)) throw unknownInput(network, name);
  }
  const free = network.inputs.filter((name) => !given.includes(name));
  const image = imageInput ?? free.find((name) => isPicture(network, name)) ?? free[0];
  if (image !== undefined && free.includes(image)) return image;
  throw new GradcamError(
    'argument',
    `inputs: ${given.join(', ')} leave no input of model ${network.name} for the image`,
  );
}

/**
 * The network with that input as its first, which is the one that takes the picture.
 *
 * @throws GradcamError `not-found` for a name that no input has; `argument` for one that takes no picture.
 */
export function withInputFirst(network: Network, name: string | undefined): Network {
  if (name === undefined) return network;
  if (!network.inputs.includes(name)) throw unknownInput(network, name);
  if (!isPicture(network, name)) {
    const { shape } = findNode(network, name);
    const pictures = network.inputs.filter((one) => isPicture(network, one));
    throw new GradcamError(
      'argument',
      `imageInput: ${name} takes [${shape.join(', ')}], which is no picture; pictures go to ${pictures.join(', ') || 'none of its inputs'}`,
    );
  }
  return { ...network, inputs: [name, ...network.inputs.filter((one) => one !== name)] };
}

/** Whether an input takes a picture, [height, width, 3] or [height, width, 1]. */
export function isPicture(network: Network, name: string): boolean {
  const { shape } = findNode(network, name);
  return shape.length === 3 && (shape[2] === 1 || shape[2] === 3) && shape[0]! > 1;
}

function unknownInput(network: Network, name: string): GradcamError {
  const { inputs } = network;
  const near = nearestNames(name, inputs);
  return new GradcamError(
    'not-found',
    `model ${network.name} has no input '${name}'${near.length === 0 ? '' : `; did you mean ${near.join(', ')}?`}; it has ${inputs.join(', ')}`,
    { candidates: near.length > 0 ? near : inputs },
  );
}
