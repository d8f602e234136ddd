import { GradcamError } from '../errors.ts';
import { nearestNames } from '../targets/nearest-names.ts';
import { gradCam } from './grad-cam.ts';
import type { Method } from './method.ts';

/** Every method, in the order of help texts and menus. */
export const methods: readonly Method[] = [gradCam];

/** @throws GradcamError `not-found` with the nearest names. */
export function findMethod(name: string): Method {
  const method = methods.find((candidate) => candidate.name === name);
  if (method !== undefined) return method;
  const names = methods.map((candidate) => candidate.name);
  throw new GradcamError('not-found', `no method '${name}'; there is ${names.join(', ')}`, {
    candidates: nearestNames(name, names),
  });
}
