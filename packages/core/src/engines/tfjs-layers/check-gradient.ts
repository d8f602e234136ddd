import * as tf from '@tensorflow/tfjs-core';
import { GradcamError } from '../../base/errors.ts';
import type { OpaqueCall } from '../../network/op.ts';
import type { ForeignLayer } from '../tfjs/operation.ts';
import { differentiate } from '../tfjs/ops/foreign.ts';

/** Kernels whose gradients tfjs 4.22 computes wrongly, by backend, as comparisons with TensorFlow showed. */
const wrong: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  wasm: {
    MaxPoolGrad: 'it loses the gradient of windows without a positive value',
    AvgPoolGrad: 'it divides wrongly at padded edges',
  },
  cpu: {
    AvgPoolGrad: 'it divides wrongly at padded edges',
    ResizeBilinearGrad: 'it exchanges height and width',
  },
};

/**
 * Computes a layer's gradient once on zeros and looks which kernels it used, because a wrong kernel returns
 * wrong numbers without an error.
 *
 * @throws GradcamError `unsupported` that names the layer, the wrong kernel and a way out.
 */
export async function checkGradientKernels(
  call: OpaqueCall,
  run: ForeignLayer['call'],
  output: number,
  input: number,
): Promise<void> {
  const backend = tf.getBackend();
  const kernels = await listGradientKernels(call, run, output, input);
  const faults = wrong[backend] ?? {};
  const found = kernels.find((kernel) => Object.hasOwn(faults, kernel));
  if (found === undefined) return;
  const next = Object.hasOwn(wrong['cpu']!, found)
    ? 'use a method without gradients, or a layer after it'
    : 'use the backend cpu';
  throw new GradcamError(
    'unsupported',
    `layer ${call.layer} (${call.className}): its gradient needs tfjs's kernel ${found}, which is wrong on the backend ${backend} (${faults[found]}); ${next}`,
  );
}

async function listGradientKernels(
  call: OpaqueCall,
  run: ForeignLayer['call'],
  output: number,
  input: number,
): Promise<readonly string[]> {
  const flag = 'CHECK_COMPUTATION_FOR_ERRORS';
  // With this flag the profiler downloads every result to look for NaN, and warns of those that zeros cause.
  const before = tf.env().getBool(flag);
  tf.env().set(flag, false);
  try {
    const profile = await tf.profile(() =>
      tf.tidy(() => {
        const zeros = call.inputShapes.map((shape) => tf.zeros([1, ...shape]));
        const scalar = (x: tf.Tensor): tf.Scalar =>
          tf.sum(
            run(
              zeros.map((zero, i) => (i === input ? x : zero)),
              null,
            )[output]!,
          );
        differentiate(scalar, zeros[input]!, call);
        return [];
      }),
    );
    return profile.kernelNames;
  } finally {
    tf.env().set(flag, before);
    // tf.profile() leaves profiling on when the profiled function throws.
    tf.engine().state.profiling = false;
  }
}
