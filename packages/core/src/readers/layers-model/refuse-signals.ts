import { GradcamError } from '../../base/errors.ts';
import type { GraphNode } from '../../network/network.ts';

/** Layers that take their input as the steps of a series. */
const serial =
  /^(Conv1D|Conv1DTranspose|SeparableConv1D|DepthwiseConv1D|Bidirectional|GRU|LSTM|RNN|SimpleRNN)$/;

/** Ops that apply to images and to signals alike. */
const handOn: ReadonlySet<string> = new Set(['affine', 'batchNorm', 'reshape']);

/**
 * Refuses a signal. An input [a, b] may be a gray image or a signal, and the first layer that reads
 * it decides.
 *
 * @param input the input that would count as an image [a, b].
 * @throws GradcamError `unsupported` for a signal, naming the flag that makes it an image.
 */
export function refuseSignal(input: string, nodes: readonly GraphNode[]): void {
  const { shape } = nodes.find(({ name }) => name === input)!;
  const same = new Set([input]);
  for (const { name, op, inputs } of nodes) {
    if (!inputs.some((one) => same.has(one))) continue;
    if (handOn.has(op.kind)) same.add(name);
    if (op.kind !== 'opaque' || !serial.test(op.className)) continue;
    const [steps, features] = shape;
    throw new GradcamError(
      'unsupported',
      `input ${input} is a signal of ${steps} steps and ${features} features, which layer ${op.layer} (${op.className}) reads step by step; only models of images are supported. If it is an image, say so with --input-size ${steps}x${features} (inputSize)`,
    );
  }
}
