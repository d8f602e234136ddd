import * as ort from 'onnxruntime-web';

// Several threads need a page that is isolated from others; one works everywhere.
ort.env.wasm.numThreads = 1;

/** Opens a file of `gradcam export`. */
export function openExplained(url) {
  return ort.InferenceSession.create(url);
}

/** Runs it on RGB pixels 0..255 of the model's size. */
export async function runExplained(session, pixels) {
  const [, height, width] = session.inputMetadata[0].shape;
  const image = new ort.Tensor('float32', Float32Array.from(pixels), [1, height, width, 3]);
  return session.run({ image });
}
