import { GradcamError } from '../../base/errors.ts';
import type { Argument, CallArguments } from './layer-calls.ts';
import type { ModelWriter } from './model-writer.ts';

/** The arguments of a layer call other than its inputs. */
export interface ReadArguments {
  /** The argument with this name or at this position; undefined where the call has none. */
  argument(key: string | number): Argument | undefined;
  /**
   * Refuses an argument.
   *
   * @throws GradcamError `unsupported` naming the layer, the argument and its value.
   */
  refuseCall(argument: string, why: string): never;
  /**
   * Ends the reading of the arguments.
   *
   * @throws GradcamError `unsupported` for a constant that has an effect and that no reader asked for.
   */
  finish(): void;
}

/**
 * Reads the arguments of a call and remembers which were read, so that none is ignored silently.
 * `training: true` is refused for Keras 2 and tfjs, whose model would then normalise by the batch, or
 * drop units, on every use. Keras 3 writes the argument itself, and follows the call of the whole model
 * instead.
 *
 * @param layer the name of the layer in errors.
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
            : 'which is not supported, and ignoring it could change the result',
        );
      }
    },
  };
}

function toItems(argument: Argument): readonly Argument[] {
  return argument.kind === 'list' ? argument.items.flatMap(toItems) : [argument];
}
