import type { ExplainOptions, ModelDescription } from '@gradcam/core';
import { canSweep, figureMethods, type SaveSettings } from '@gradcam/runs';
import { CommandError, exitCodes } from '../../exit-codes.ts';
import type { Terminal } from '../../terminal/messages.ts';

/**
 * Says which class a number means where another class has that number as its name, such as the answers to how
 * many there are.
 */
export function describeNumbers(
  { targets = [] }: ExplainOptions,
  { classNames: { labels } }: Pick<ModelDescription, 'classNames'>,
): string[] {
  return targets.flatMap((target) => {
    const text = String(target).trim();
    const [index, named] = [Number(text), labels.indexOf(text)];
    if (!/^\d+$/.test(text) || named < 0 || named === index || index >= labels.length) return [];
    return [
      `assumed: --target ${text} is the class of index ${text}, '${labels[index]}'; the class called '${text}' is --target ${named}`,
    ];
  });
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
