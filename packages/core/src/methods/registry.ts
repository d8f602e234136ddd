import { GradcamError } from '../base/errors.ts';
import { nearestNames, plainName } from '../base/nearest-names.ts';
import { cnnFixations } from './fixations/cnn-fixations.ts';
import { cam } from './grid/cam.ts';
import { eigenCam, eigenGradCam } from './grid/eigen-cam.ts';
import { gradCamPlusPlus } from './grid/grad-cam-plus-plus.ts';
import { gradCam } from './grid/grad-cam.ts';
import { gradCamElementwise, hiResCam } from './grid/hires-cam.ts';
import { layerCam } from './grid/layer-cam.ts';
import type { Method } from './method.ts';
import { ablationCam } from './multi-pass/ablation-cam.ts';
import { finerCam } from './multi-pass/finer-cam.ts';
import { fullGrad } from './multi-pass/full-grad.ts';
import { integratedGradients } from './multi-pass/integrated-gradients.ts';
import { occlusion } from './multi-pass/occlusion.ts';
import { rise } from './multi-pass/rise.ts';
import { scoreCam } from './multi-pass/score-cam.ts';
import { smoothGradCamPlusPlus } from './multi-pass/smooth-grad-cam-plus-plus.ts';
import { smoothGrad, smoothGradSquared, varGrad } from './multi-pass/smooth-grad.ts';
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
  scoreCam,
  ablationCam,
  finerCam,
  smoothGradCamPlusPlus,
  smoothGrad,
  smoothGradSquared,
  varGrad,
  integratedGradients,
  fullGrad,
  occlusion,
  rise,
  cnnFixations,
];

/**
 * Finds a method by its name or an alias, as people type them: case, dashes, blanks and `_` do not count,
 * and `++` stands for `plus-plus`.
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
