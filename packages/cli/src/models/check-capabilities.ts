import {
  findMethod,
  foreignRuntime,
  reportCapabilities,
  type ExplainOptions,
  type ModelDescription,
} from '@gradcam/core';
import { CommandError, exitCodes } from '../exit-codes.ts';

/**
 * Ends the command, before it has created anything, if the model needs another library to run and a requested
 * method or layer is not available for it.
 *
 * @throws CommandError 65 naming the method, the layer, the reason and what to do.
 */
export function checkCapabilities(
  model: ModelDescription,
  { methods = ['grad-cam'], layers = ['auto'] }: ExplainOptions,
): void {
  if (foreignRuntime(model.network) === null) return;
  for (const layer of layers.flatMap((names) => names.split('+'))) {
    const report = reportCapabilities(model, layer);
    for (const name of methods) {
      const { name: method } = findMethod(name);
      const found = report.methods.find((one) => one.method === method);
      if (found === undefined || found.possible) continue;
      throw new CommandError(exitCodes.badData, `${method} at ${report.layer}: ${found.reason}`);
    }
  }
}
