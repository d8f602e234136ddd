import type { RunOnnxValues } from '@gradcam/core';

/**
 * Runs an ONNX file on ONNX Runtime, which is loaded only when this is called: for a file with nodes that
 * are not translated.
 *
 * @throws GradcamError `engine` where ONNX Runtime does not load here or does not run the file.
 */
export const runOnnxValues: RunOnnxValues = async (run) => {
  const { loadOnnxRuntime } = await import('@gradcam/core/node');
  const runtime = await loadOnnxRuntime();
  const { createOnnxEngine } = await import('@gradcam/core/onnx');
  return createOnnxEngine(runtime).runOnnxValues!(run);
};
