import type { NdArray } from '../../base/nd-array.ts';
import type { Method } from '../../methods/method.ts';
import { computeFullGrad } from '../../methods/multi-pass/full-grad.ts';
import { indexNodes } from '../../network/walk-graph.ts';
import { applySteps, type DisplayStep } from '../display-step.ts';

const stretched: readonly DisplayStep[] = [
  { step: 'min-max', guard: 1e-7 },
  { step: 'resize', kernel: 'half-pixel' },
];

/**
 * FullGrad of pytorch-grad-cam: each channel is scaled to 0..1 by its own range before the sum, and only the
 * biases of convolutions and batch normalisations count.
 *
 * @see jacobgil/pytorch-grad-cam, pytorch_grad_cam/fullgrad_cam.py, utils/image.py
 */
export const fullGradOfPytorchGradCam: Method['explain'] = async ({
  session,
  input,
  ...options
}) => {
  const nodes = indexNodes(session.network);
  const isBiased = (name: string): boolean =>
    ['conv2d', 'depthwiseConv2d', 'batchNorm'].includes(nodes.get(name)!.op.kind);
  const found = await computeFullGrad(session, input, options);
  return found.map(({ inputTerm, biasTerms }) => {
    const [height = 1, width = 1] = inputTerm.shape;
    const layers = biasTerms.filter(({ node }) => isBiased(node)).map(({ values }) => values);
    const sum = new Float64Array(height * width);
    for (const term of [inputTerm, ...layers]) addChannels(sum, term, { width, height });
    return { map: { shape: [height, width], data: Float32Array.from(sum) } };
  });
};

function addChannels(
  sum: Float64Array,
  { shape, data }: NdArray,
  size: { readonly width: number; readonly height: number },
): void {
  const [rows = 1, columns = 1, channels] = shape;
  if (channels === undefined) return;
  for (let k = 0; k < channels; k++) {
    const channel = Float64Array.from({ length: rows * columns }, (_, cell) =>
      Math.abs(data[cell * channels + k]!),
    );
    const shown = applySteps({ rows, columns, channels: 1, data: channel }, stretched, size).data;
    for (let i = 0; i < sum.length; i++) sum[i]! += shown[i]!;
  }
}
