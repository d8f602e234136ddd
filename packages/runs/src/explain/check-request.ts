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
  for (const target of request.targets ?? []) {
    const reference = referenceOf(target, model);
    if (reference === null) readTargets([target], methods, model.classNames, head);
    else checkSimilar(reference, model);
  }
}
