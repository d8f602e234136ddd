import {
  checkWordTarget,
  findMethod,
  findPreset,
  mainHead,
  peerMethod,
  prepareText,
  readTargets,
  resolveLayers,
  type ExplainOptions,
  type ModelDescription,
} from '@gradcam/core';
import { checkSimilar, referenceOf } from './similar-targets.ts';

/**
 * Refuses a request with a name that the model does not know, before the model is loaded or anything is
 * created.
 *
 * @throws GradcamError `not-found` or `argument`, with similar names.
 */
export function checkRequest(model: ModelDescription, request: ExplainOptions): void {
  const preset = request.like === undefined ? null : findPreset(request.like);
  const methods = (request.methods ?? []).map(findMethod);
  if (preset !== null) for (const { name } of methods) peerMethod(preset, name);
  for (const layer of request.layers ?? []) resolveLayers(model, layer);
  const head = mainHead(model.network);
  const caption = request.caption === undefined ? undefined : prepareText(model, request)?.caption;
  const isWritten = typeof request.caption === 'object';
  for (const target of request.targets ?? []) {
    // The words of a caption that the model has yet to write are known when it has written it.
    if (isWritten && typeof target === 'string') checkWordTarget(target, model.text!);
    if (isWritten) continue;
    const reference = referenceOf(target, model);
    if (reference === null) readTargets([target], methods, model.classNames, head, caption ?? null);
    else checkSimilar(reference, model);
  }
}
