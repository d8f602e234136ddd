import { GradcamError } from '../base/errors.ts';
import { runMethods } from './multi-pass/run-methods.ts';
import { nearestNames, plainName } from '../base/nearest-names.ts';
import { cam } from './grid/cam.ts';
import { eigenCam, eigenGradCam } from './grid/eigen-cam.ts';
import { gradCamPlusPlus } from './grid/grad-cam-plus-plus.ts';
import { gradCam } from './grid/grad-cam.ts';
import { gradCamElementwise, hiResCam } from './grid/hires-cam.ts';
import { layerCam } from './grid/layer-cam.ts';
import type { Method } from './method.ts';
import * as pixels from './pixels/pixel-gradients.ts';
import { randomCam } from './grid/random-cam.ts';
import { xGradCam } from './grid/x-grad-cam.ts';

/** Every method, in the order of help texts and menus. */
export const methods: readonly Method[] = [
  gradCam,
  gradCamPlusPlus,
  hiResCam,
  layerCam,
  xGradCam,
  gradCamElementwise,
  cam,
  eigenCam,
  eigenGradCam,
  randomCam,
  pixels.gradient,
  pixels.inputTimesGradient,
  pixels.guidedBackprop,
  pixels.deconvnet,
  pixels.guidedGradCam,
  ...runMethods,
];

/**
 * The method of that name or alias, as people type them: case, dashes, blanks and `_` do not count, and `++` is
 * `plus-plus`.
 *
 * @throws GradcamError `not-found` with the nearest names.
 */
export function findMethod(name: string): Method {
  const wanted = plainName(name);
  const method = methods.find((one) =>
    [one.name, ...(one.aliases ?? [])].some((own) => plainName(own) === wanted),
  );
  if (method !== undefined) return method;
  const names = methods.map((candidate) => candidate.name);
  const candidates = nearestNames(name, names);
  const next =
    candidates.length === 0
      ? `there is ${names.join(', ')}`
      : `did you mean ${candidates.join(' or ')}? (gradcam methods lists all)`;
  throw new GradcamError('not-found', `no method '${name}'; ${next}`, { candidates });
}
