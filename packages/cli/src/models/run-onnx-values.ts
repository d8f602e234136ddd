import { GradcamError, type RunOnnxValues } from '@gradcam/core';

/**
 * Runs an ONNX file on ONNX Runtime, which is loaded only when this is called: for a file with nodes that
 * are not translated.
 *
 * @throws GradcamError `engine` where ONNX Runtime does not load here or does not run the file.
 */
export const runOnnxValues: RunOnnxValues = async (run) => {
  let runtime: typeof import('onnxruntime-node');
  try {
    runtime = await import('onnxruntime-node');
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new GradcamError('engine', `ONNX Runtime does not load here (${reason})`, { cause });
  }
  const { createOnnxEngine } = await import('@gradcam/core/onnx');
  return createOnnxEngine(runtime).runOnnxValues!(run);
};
