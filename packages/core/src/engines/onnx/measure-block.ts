import { encodeModel } from './proto/onnx-model.ts';
import type { OnnxRuntime } from './runtime.ts';

const CHANNELS = 64;
const CELLS = 2;

/**
 * Measures how many channels form a block in the layout in which the native runtime keeps images on this
 * machine: 16 with AVX-512, 8 with AVX2, 4 with NEON. It is 1 where the runtime has no such layout.
 *
 * The runtime brings an image into the layout whose first channel holds 0 and 1, the second 2 and 3, and so
 * on. The value 1, which is the first channel of the second cell, then directly follows the first block. A
 * kept graph has to be made for the right size: with another one it computes wrong values without an error.
 */
export async function measureBlock({ InferenceSession, Tensor }: OnnxRuntime): Promise<number> {
  const shape = [1, CHANNELS, 1, CELLS];
  const model = encodeModel({
    name: 'block',
    domains: { [BLOCKED_DOMAIN]: 1 },
    graph: {
      nodes: [
        {
          type: 'ReorderInput',
          domain: BLOCKED_DOMAIN,
          inputs: ['image'],
          outputs: ['blocked'],
          attributes: {},
        },
      ],
      initializers: [],
      inputs: [{ name: 'image', type: 'float32', shape }],
      outputs: [{ name: 'blocked', type: 'float32', shape }],
    },
  });
  let session;
  try {
    session = await InferenceSession.create(model, { logSeverityLevel: 4 });
  } catch {
    return 1;
  }
  const image = Float32Array.from({ length: CHANNELS * CELLS }, (_, i) => i);
  const { blocked } = await session.run({ image: new Tensor('float32', image, shape) });
  await session.release();
  return (blocked!.data as Float32Array).indexOf(1);
}

/** The runtime's own domain for operators on images in blocks. */
const BLOCKED_DOMAIN = 'com.microsoft.nchwc';
