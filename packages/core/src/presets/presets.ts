import { GradcamError } from '../base/errors.ts';
import { nearestNames, plainName } from '../base/nearest-names.ts';
import { captum, captumSigned } from './peers/captum.ts';
import { cnnFixationsPeer } from './peers/cnn-fixations.ts';
import { insikk } from './peers/insikk.ts';
import { pytorchGradCam } from './peers/pytorch-grad-cam.ts';
import { augSmooth, eigenSmooth } from './peers/pytorch-grad-cam-smooth.ts';
import { tfKerasVis, tfKerasVisLogits } from './peers/tf-keras-vis.ts';
import { tfjsExamples } from './peers/tfjs-examples.ts';
import { torchcam } from './peers/torchcam.ts';
import { presetNames, type ImitatedMethod, type Preset } from './preset.ts';

/** Every preset, in the order of help texts. */
export const presets: readonly Preset[] = [
  pytorchGradCam,
  augSmooth,
  eigenSmooth,
  torchcam,
  tfKerasVis,
  tfKerasVisLogits,
  captum,
  captumSigned,
  tfjsExamples,
  insikk,
  cnnFixationsPeer,
];

/**
 * Finds a preset by its name.
 *
 * @throws GradcamError `not-found` with the nearest names.
 */
export function findPreset(name: string): Preset {
  const preset = presets.find((one) => plainName(one.name) === plainName(name));
  if (preset !== undefined) return preset;
  throw new GradcamError('not-found', `no preset '${name}'; there is ${presetNames.join(', ')}`, {
    candidates: nearestNames(name, presetNames),
  });
}

/**
 * Finds how a peer does a method.
 *
 * @param method our name of the method.
 * @throws GradcamError `unsupported` for a method that the peer does not offer or that is not imitated; the
 *   message lists the methods that are.
 */
export function peerMethod(preset: Preset, method: string): ImitatedMethod {
  const found = Object.hasOwn(preset.methods, method) ? preset.methods[method] : undefined;
  if (found?.imitated === true) return found;
  const offered = Object.keys(preset.methods).filter((name) => preset.methods[name]!.imitated);
  const because =
    found === undefined
      ? `${method} is not offered by this peer, ${preset.name}`
      : `${method} of ${preset.name} is not imitated (${found.reason})`;
  throw new GradcamError('unsupported', `${because}; with it there is ${offered.join(', ')}`);
}
