import { GradcamError } from '../../base/errors.ts';
import type { Argument, CallArguments } from './layer-calls.ts';
import type { ModelWriter } from './model-writer.ts';

/** What a layer is called with beside its inputs. */
export interface ReadArguments {
  /** What the call is given under a name, or at a place; undefined where it is given nothing. */
  argument(key: string | number): Argument | undefined;
  /** @throws GradcamError `unsupported` naming the layer, the argument of its call and what it is. */
  refuseCall(argument: string, why: string): never;
  /** @throws GradcamError `unsupported` for a constant that nobody asked for and that says something. */
  finish(): void;
}

/**
 * Remembers which arguments of a call were read, so that nothing is ignored silently. `training` is refused where it
 * is true: Keras 2 and tfjs then normalise by the batch, or drop units, whenever the model is used. Keras 3 writes it
 * by itself, and goes by what the whole model is called with.
 *
 * @param layer how errors name it.
 */
export function readCallArguments(
  layer: string,
  { args, kwargs }: CallArguments,
  writer: ModelWriter,
): ReadArguments {
  const read = new Set(['mask', 'name', ...(writer === 'keras3' ? ['training'] : [])]);
  const refuseCall = (argument: string, why: string): never => {
    const given = kwargs[argument];
    const value = given?.kind === 'constant' ? JSON.stringify(given.value) : 'a value of the model';
    throw new GradcamError(
      'unsupported',
      `layer ${layer}: it is called with ${argument} = ${value}, ${why}`,
    );
  };
  return {
    refuseCall,
    argument(key) {
      if (typeof key === 'number') return args.flatMap(toItems)[key];
      read.add(key);
      return kwargs[key];
    },
    finish() {
      for (const [name, given] of Object.entries(kwargs)) {
        if (given.kind !== 'constant' || read.has(name)) continue;
        if (given.value === null || given.value === undefined || given.value === false) continue;
        refuseCall(
          name,
          name === 'training'
            ? 'so that it runs as in training whenever the model is used; save the model without'
            : 'which is not known here, and ignoring it could change the result',
        );
      }
    },
  };
}

function toItems(argument: Argument): readonly Argument[] {
  return argument.kind === 'list' ? argument.items.flatMap(toItems) : [argument];
}
