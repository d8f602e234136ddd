import type { Engine, OpaqueCall } from '@gradcam/core';
import { CommandError, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal/messages.ts';

/** The library that a model needs because the engines of this project do not run it. */
export type ForeignRuntime = OpaqueCall['by'];

const titles: Readonly<Record<ForeignRuntime, string>> = {
  'tfjs-layers': 'layers that tfjs-layers runs',
  'graph-model': 'a GraphModel',
};

/**
 * Starts the tfjs engine for a model that needs a {@link ForeignRuntime}. `auto` is wasm here, and a note
 * says so.
 *
 * @throws CommandError 69 for an engine that cannot run the model.
 */
export async function openForeignEngine(
  runtime: ForeignRuntime,
  name: string,
  terminal: Pick<Terminal, 'note'>,
): Promise<Engine> {
  if (name !== 'auto' && name !== 'wasm' && name !== 'cpu') {
    throw new CommandError(
      exitCodes.engineUnavailable,
      `engine ${name}: the model has ${titles[runtime]}, which only tfjs can run; use --engine wasm or cpu`,
    );
  }
  if (name === 'auto') terminal.note(`engine wasm, since the model has ${titles[runtime]}`);
  const options = { backend: name === 'cpu' ? 'cpu' : 'wasm' } as const;
  if (runtime === 'graph-model') {
    const { createGraphModelEngine } = await import('@gradcam/core/graph-model');
    return createGraphModelEngine(options);
  }
  const { createLayersEngine } = await import('@gradcam/core/layers');
  return createLayersEngine(options);
}
