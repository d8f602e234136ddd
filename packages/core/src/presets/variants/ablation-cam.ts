import type { NdArray } from '../../base/nd-array.ts';
import type { Method } from '../../methods/method.ts';
import { computeAblationCam } from '../../methods/multi-pass/ablation-cam.ts';

/** What pytorch-grad-cam subtracts from the smallest value of a layer to silence a channel. */
const ABLATION_VALUE = 1e7;

/**
 * Ablation-CAM of pytorch-grad-cam. It divides by the score instead of its magnitude, so that a negative
 * score turns all signs. A channel is set to 0 where the smallest value of the layer is 0, as after a ReLU,
 * and to that smallest value less 1e7 elsewhere.
 *
 * @see jacobgil/pytorch-grad-cam: ablation_cam.py, ablation_layer.py
 */
export const ablationCamOfPytorchGradCam: Method['explain'] = async ({
  session,
  input,
  ...options
}) => {
  const { maps, scores } = await computeAblationCam(session, input, {
    ...options,
    tail: 'replay',
    silencer: silence,
  });
  return maps.map((map, i) => ({
    map: scores[i]! < 0 ? { ...map, data: map.data.map((value) => -value) } : map,
  }));
};

function silence({ data }: NdArray): number {
  const least = data.reduce((min, value) => Math.min(min, value), Infinity);
  return least === 0 ? 0 : Math.fround(least - ABLATION_VALUE);
}
