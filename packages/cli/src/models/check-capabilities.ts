import {
  findMethod,
  foreignRuntime,
  reportCapabilities,
  type ExplainOptions,
  type ModelDescription,
} from '@gradcam/core';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { onnxEngines } from './open-foreign-engine.ts';

/** The most nodes that a message names. */
const NAMED = 3;

/**
 * Ends the command, before it has created anything, if an engine cannot compute nodes that stand in the
 * model as its ONNX file has them.
 *
 * @throws CommandError 69 naming the nodes and the engine that computes them.
 */
export function checkEngine(model: ModelDescription, engine: string): void {
  if (foreignRuntime(model.network) !== 'onnx-file') return;
  if (engine === 'auto' || onnxEngines.includes(engine)) return;
  const { foreignLayers } = reportCapabilities(model);
  const names = foreignLayers.map(({ layer, className }) => `${layer} (${className})`);
  const more = names.length > NAMED ? `, and ${names.length - NAMED} more` : '';
  throw new CommandError(
    exitCodes.engineUnavailable,
    `engine ${engine} cannot compute node ${names.slice(0, NAMED).join(', ')}${more}, which ONNX Runtime runs as it stands in the file; use --engine onnx`,
  );
}

/**
 * Ends the command, before it has created anything, if a requested method is not possible at a requested
 * layer. Only models that another library runs, and methods that need a certain kind of model, have such
 * limits.
 *
 * @throws CommandError 65 naming the method, the layer, the reason and what to do.
 */
export function checkCapabilities(
  model: ModelDescription,
  { methods = ['grad-cam'], layers = ['auto'] }: ExplainOptions,
): void {
  const isLimited = methods.some((name) => {
    const { presumes, findObstacle } = findMethod(name);
    return presumes !== undefined || findObstacle !== undefined;
  });
  if (foreignRuntime(model.network) === null && !isLimited) return;
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
