import type * as ort from 'onnxruntime-common';
import { GradcamError } from '../../base/errors.ts';

/**
 * The largest allowed distance of an output from the CPU's, as a share of its Euclidean norm. Float32 sums
 * in another order differ by 1e-5, and a ReLU that rounding switches changes a few places of a gradient.
 * Operators that a device computes wrongly gave 0.2 and more.
 */
const SAME = 0.02;

/**
 * Makes the first run of a session on a graphics card compare all its outputs with those of the CPU. Some
 * operators are wrong on some devices without an error: WebGPU of ONNX Runtime 1.30 on a software adapter
 * computes convolutions with dilations wrongly. The session for the CPU is open only during that run.
 *
 * @param openReference opens the same graph on the CPU.
 * @returns the session; its first run throws GradcamError `engine` where the outputs differ.
 */
export function checkFirstRun(
  session: ort.InferenceSession,
  openReference: () => Promise<ort.InferenceSession>,
): ort.InferenceSession {
  const run = session.run.bind(session);
  let isChecked = false;
  const checked = async (
    feeds: ort.InferenceSession.FeedsType,
    names: readonly string[],
  ): Promise<ort.InferenceSession.ReturnType> => {
    const found = await run(feeds, names);
    if (!isChecked) {
      const reference = await openReference();
      try {
        compare(found, await reference.run(feeds, names));
      } finally {
        await reference.release();
      }
      isChecked = true;
    }
    return found;
  };
  return Object.assign(session, { run: checked });
}

function compare(
  found: ort.InferenceSession.ReturnType,
  expected: ort.InferenceSession.ReturnType,
): void {
  for (const [name, { data }] of Object.entries(expected)) {
    const [wanted, own] = [data as Float32Array, found[name]!.data as Float32Array];
    let [error, norm] = [0, 0];
    for (let i = 0; i < wanted.length; i++) {
      error += (own[i]! - wanted[i]!) ** 2;
      norm += wanted[i]! ** 2;
    }
    // A value that is not finite on the card makes the error NaN, which is not at most anything.
    if (Math.sqrt(error) <= SAME * Math.sqrt(norm)) continue;
    const share = Math.sqrt(error / norm);
    const differs = Number.isFinite(share)
      ? `differs from the CPU's by ${(100 * share).toPrecision(2)} % of its size`
      : `is not finite, or not 0 as the CPU's is`;
    throw new GradcamError(
      'engine',
      `WebGPU computes this model wrongly on this device: the output ${name} ${differs}; use the engine onnx or wasm`,
    );
  }
}
