import type { Engine } from '@gradcam/core';
import { CommandError, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal/messages.ts';

/** What `--engine` takes. */
export const engineNames = ['auto', 'wasm', 'cpu'] as const;

/**
 * Starts the engine that `--engine` names; `auto` is wasm, the fastest that is in this version.
 *
 * @throws CommandError 69 for one of the documented engines that this version does not have yet.
 */
export async function openEngine(name: string, terminal: Terminal): Promise<Engine> {
  if (!(engineNames as readonly string[]).includes(name)) {
    throw new CommandError(
      exitCodes.engineUnavailable,
      `engine '${name}' is not in this version; there is ${engineNames.join(', ')}`,
    );
  }
  const { createTfjsEngine } = await import('@gradcam/core/tfjs');
  const engine = await createTfjsEngine({ backend: name === 'cpu' ? 'cpu' : 'wasm' });
  terminal.debug(`engine ${engine.name}${name === 'auto' ? ', chosen by auto' : ''}`);
  return engine;
}
