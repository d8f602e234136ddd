import type { Engine, Network } from '@gradcam/core';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** A ReLU of two numbers, the smallest graph that shows whether a graphics card accepts graphs. */
const trial: Network = {
  name: 'trial',
  nodes: [
    { name: 'x', op: { kind: 'input' }, inputs: [], shape: [2], weights: {} },
    {
      name: 'y',
      op: { kind: 'relu', max: null, slope: 0 },
      inputs: ['x'],
      shape: [2],
      weights: {},
    },
  ],
  inputs: ['x'],
  heads: [{ logits: 'y', probabilities: null, activation: 'linear', shape: [2], classes: 2 }],
  layers: new Map(),
  notes: [],
};

const needs: Readonly<Record<string, string>> = {
  webgpu: 'it needs a graphics card with Vulkan, Metal or Direct3D 12',
  cuda: "it needs an NVIDIA card, CUDA 12, cuDNN 9 and ONNX Runtime's CUDA files (node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install; first npm install onnxruntime-node where that package is missing)",
};

/**
 * Tries an execution provider of ONNX Runtime before the model is read. ONNX Runtime reports only with the
 * first graph whether the provider is available.
 *
 * @throws CommandError 69
 */
export async function checkProvider(engine: Engine, provider: string): Promise<void> {
  try {
    const session = await engine.open(trial, new Map());
    const x = { shape: [1, 2], data: Float32Array.of(-1, 2) };
    const { logits } = await session.run({ inputs: { x }, outputs: [] });
    session.dispose();
    if (logits.data[0] === 0 && logits.data[1] === 2) return;
    throw new Error(
      `self-test: expected relu(-1) = 0 and relu(2) = 2, found ${logits.data.join(', ')}`,
    );
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0];
    throw new CommandError(
      exitCodes.engineUnavailable,
      `engine ${provider} does not start here: ${needs[provider]}; use --engine auto (${reason})`,
      { cause },
    );
  }
}
