import {
  findNode,
  isGradcamError,
  prepareText,
  type ExplainOptions,
  type ModelDescription,
} from '@gradcam/core';
import { CommandError, exitCodes } from '../../exit-codes.ts';
import type { FurtherInputs } from '../../models/further-inputs.ts';

const next = {
  question: '--ask "<question>"',
  caption: '--caption to let it write one, or --say "<caption>"',
};

/**
 * Checks a question or a caption before the model is loaded or anything is created.
 *
 * @throws CommandError 64 for a model that needs a text and got none, for a text to a model that takes none,
 *   and for a text that the model cannot read.
 */
export function checkWords(
  model: ModelDescription,
  options: ExplainOptions,
  { values }: FurtherInputs,
  hasTable = false,
): void {
  const { text, network } = model;
  const { question, caption } = options;
  // Each question of a table is checked when the table is read.
  if (hasTable) return;
  const isTold = question !== undefined || caption !== undefined;
  if (text !== undefined && !isTold && !Object.hasOwn(values, text.input)) {
    const { shape } = findNode(network, text.input);
    throw new CommandError(
      exitCodes.usage,
      `the model takes a ${text.role} in input ${text.input} [${shape.join(', ')}]; give ${next[text.role]}, or its tokens with --input ${text.input}=<json|npy>`,
    );
  }
  try {
    prepareText(model, { ...options, inputs: values });
  } catch (error) {
    if (!isGradcamError(error, 'argument', 'not-found')) throw error;
    const flag = question !== undefined ? 'ask' : typeof caption === 'string' ? 'say' : 'caption';
    const message = `--${flag}: ${error.message.replace(/^(question|caption): /, '')}`;
    throw new CommandError(exitCodes.usage, message, { cause: error });
  }
}
