import { encodeModel } from './proto/onnx-model.ts';
import type { OnnxRuntime } from './runtime.ts';

const CHANNELS = 64;
const CELLS = 2;

/**
 * Channels in a block of the layout in which the native runtime keeps images on this machine (16 with
 * AVX-512, 8 with AVX2, 4 with NEON); 1 where it has no such layout.
 *
 * Measured: an image whose values count its channels is brought into that layout, and the second cell's
 * first channel shows where the first block ends. A graph made for blocks of one size computes wrong
 * values, without an error, where they have another.
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

/** The runtime's own domain of what works on images in blocks. */
const BLOCKED_DOMAIN = 'com.microsoft.nchwc';
