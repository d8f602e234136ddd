import {
  findMethod,
  foreignRuntime,
  reportCapabilities,
  type ExplainOptions,
  type ModelDescription,
} from '@gradcam/core';
import { CommandError, exitCodes } from '../exit-codes.ts';

/**
 * What a model that our own engines do not run cannot do ends the command before it has made anything.
 *
 * @throws CommandError 65 naming method, layer, what stands in the way and what to do.
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
