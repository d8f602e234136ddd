import {
  findMethod,
  findPreset,
  mainHead,
  peerMethod,
  readTargets,
  resolveLayers,
  type ExplainOptions,
  type ModelDescription,
} from '@gradcam/core';
import {
  canSweep,
  checkSimilar,
  figureMethods,
  referenceOf,
  type SaveSettings,
} from '@gradcam/runs';
import { CommandError, exitCodes } from '../../exit-codes.ts';
import type { Terminal } from '../../terminal/messages.ts';

/**
 * Ends the command, before it has loaded or created anything, if the request has a name that the model does
 * not know.
 *
 * @throws GradcamError `not-found` or `argument`, with similar names.
 */
export function checkRequest(model: ModelDescription, request: ExplainOptions): void {
  const preset = request.like === undefined ? null : findPreset(request.like);
  const methods = (request.methods ?? []).map(findMethod);
  if (preset !== null) for (const { name } of methods) peerMethod(preset, name);
  for (const layer of request.layers ?? []) resolveLayers(model, layer);
  const head = mainHead(model.network);
  for (const target of request.targets ?? []) {
    const reference = referenceOf(target, model);
    if (reference === null) readTargets([target], methods, model.classNames, head);
    else checkSimilar(reference, model);
  }
}

/** The request with the methods of the figure, where the figure was asked for. */
export function withFigure(request: ExplainOptions, { figure }: SaveSettings): ExplainOptions {
  if (!figure) return request;
  return { ...request, methods: [...new Set([...(request.methods ?? []), ...figureMethods])] };
}

/**
 * Refuses pictures that the run could not make, and prints a note about those that it can make only in part.
 *
 * @throws CommandError 64.
 */
export function checkPictures(
  { methods = [] }: ExplainOptions,
  { save, sheet, sweep }: SaveSettings,
  terminal: Terminal,
): void {
  if (sheet && !save.includes('overlay') && !save.includes('heatmap')) {
    throw new CommandError(exitCodes.usage, '--sheet needs --save overlay or heatmap');
  }
  if (!sweep) return;
  const left = methods.filter((name) => !canSweep(name));
  if (left.length === methods.length) {
    throw new CommandError(
      exitCodes.usage,
      `--sweep takes methods that compute the maps of all layers in one pass, such as grad-cam; got ${left.join(', ')}`,
    );
  }
  if (left.length > 0)
    terminal.note(`left out of the sweep: ${left.join(', ')}; a sweep shows only maps at a layer`);
}
