import {
  findMethod,
  GradcamError,
  isGradcamError,
  mainHead,
  prepareText,
  readTargets,
  resolveLayers,
  type ExplainOptions,
  type ModelDescription,
  type TextDescription,
} from '@gradcam/core';
import { checkRequest, referenceOf } from '@gradcam/runs';
import { MAX_EXPLANATIONS } from '../limits.ts';
import { RequestError } from '../request-error.ts';

/**
 * Refuses options that the model cannot follow, before the picture is decoded.
 *
 * @throws RequestError `bad-request`; GradcamError `argument` and `not-found`, with similar names.
 */
export function checkOptions(model: ModelDescription, options: ExplainOptions): void {
  const { methods = [], targets = [], layers = [] } = options;
  for (const target of targets) {
    if (referenceOf(target, model) === null) continue;
    throw new RequestError(
      'bad-request',
      'target similar:<image> names a file, and a service opens none; run gradcam explain instead',
    );
  }
  checkWords(model, options);
  checkRequest(model, options);
  const scores = countScores(model, options);
  const maps = layers.flatMap((layer) => resolveLayers(model, layer)).length;
  const count = scores * methods.length * maps;
  if (count <= MAX_EXPLANATIONS) return;
  throw new RequestError(
    'bad-request',
    `${scores} targets, ${methods.length} methods and ${maps} layers are ${count} explanations; a request may ask for ${MAX_EXPLANATIONS}`,
  );
}

/** The option that each kind of text comes from, as the client knows it. */
const optionOf = { question: 'ask', caption: 'say' } as const;

const next: Readonly<Record<TextDescription['role'], string>> = {
  question: 'answers questions about a picture; give one in the option ask',
  caption: 'writes captions; let it write one with caption=true, or give one in the option say',
};

function checkWords(model: ModelDescription, options: ExplainOptions): void {
  const { question, caption } = options;
  if (question === undefined && caption === undefined) {
    if (model.text === undefined) return;
    throw new RequestError('bad-request', `model ${model.id} ${next[model.text.role]}`);
  }
  try {
    prepareText(model, options);
  } catch (error) {
    if (!isGradcamError(error, 'argument', 'not-found')) throw error;
    const option =
      typeof caption === 'object'
        ? 'caption'
        : optionOf[caption === undefined ? 'question' : 'caption'];
    const message = `${option}: ${error.message.replace(/^(question|caption): /, '')}`;
    throw new GradcamError(error.kind, message, { cause: error });
  }
}

/** How many scores are explained; the most possible ones where the model has yet to write its caption. */
function countScores(model: ModelDescription, options: ExplainOptions): number {
  const { targets = [], methods = [], caption } = options;
  if (typeof caption === 'object') {
    const all = model.text!.length + 1;
    return targets.reduce<number>(
      (sum, target) => sum + (/^(sentence$|word:)/i.test(String(target).trim()) ? 1 : all),
      0,
    );
  }
  const told = caption === undefined ? null : (prepareText(model, options)?.caption ?? null);
  const head = mainHead(model.network);
  return readTargets([...targets], methods.map(findMethod), model.classNames, head, told).specs
    .length;
}
