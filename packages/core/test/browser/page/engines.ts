/// <reference types="vite/client" />
import wasmUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simdUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from '../../../src/engines/port/engine.ts';
import { createOnnxEngine } from '../../../src/engines/onnx/index.ts';
import { createTfjsEngine } from '../../../src/engines/tfjs/index.ts';

/**
 * Stands in for `helper/engines.ts` in the page: the suites go over the one engine that the page was
 * opened for, `?engine=webgl&threads=1`.
 */
export type EngineName = 'wasm' | 'cpu' | 'webgl' | 'webgpu' | 'onnx' | 'onnx-webgpu';
type PageBackend = Exclude<EngineName, 'onnx' | 'onnx-webgpu'>;

const query = new URL(location.href).searchParams;
const asked = query.get('engine') as EngineName;
const threads = Number(query.get('threads'));

export const engineNames: readonly EngineName[] = [asked];
export const tfjsBackends: readonly PageBackend[] =
  asked === 'onnx' || asked === 'onnx-webgpu' ? [] : [asked];

const wasmPaths = {
  'tfjs-backend-wasm.wasm': wasmUrl,
  'tfjs-backend-wasm-simd.wasm': simdUrl,
  'tfjs-backend-wasm-threaded-simd.wasm': threadedUrl,
};

export async function createEngine(name: EngineName): Promise<Engine> {
  if (name === 'onnx') {
    await createTfjsEngine({ backend: 'cpu' });
    const ort = await import('onnxruntime-web/wasm');
    ort.env.wasm.numThreads = threads;
    return createOnnxEngine(ort);
  }
  if (name === 'onnx-webgpu') {
    await createTfjsEngine({ backend: 'cpu' });
    const ort = await import('onnxruntime-web/webgpu');
    ort.env.wasm.numThreads = threads;
    // It warns of each shape operator that it leaves to the CPU.
    ort.env.logLevel = 'error';
    return createOnnxEngine(ort, { provider: 'webgpu' });
  }
  const engine = await createTfjsEngine({ backend: name, wasmPaths, threads });
  // Both compute small arrays on the CPU instead; here their own kernels are under test.
  if (name === 'webgl') tf.env().set('WEBGL_CPU_FORWARD', false);
  if (name === 'webgpu') tf.env().set('WEBGPU_CPU_FORWARD', false);
  return engine;
}

/** What the engine really runs on, for the record. */
export async function describeRuntime(): Promise<Readonly<Record<string, unknown>>> {
  await createEngine(asked);
  if (asked === 'onnx') {
    const { env } = await import('onnxruntime-web/wasm');
    return { threads: env.wasm.numThreads, isolated: crossOriginIsolated };
  }
  if (asked === 'onnx-webgpu') {
    const adapter = await requestAdapter();
    return {
      isolated: crossOriginIsolated,
      hasAdapter: adapter !== null,
      isSoftware: adapter?.info.isFallbackAdapter ?? null,
    };
  }
  const facts = { backend: tf.getBackend(), isolated: crossOriginIsolated };
  if (asked !== 'wasm') return facts;
  // How many threads its pool really has tfjs decides by the number of cores.
  return {
    ...facts,
    hasSimd: await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'),
    hasThreads: await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT'),
  };
}

/** The part of a WebGPU adapter that is looked at. */
interface Adapter {
  readonly info: { readonly isFallbackAdapter: boolean };
}

async function requestAdapter(): Promise<Adapter | null> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<Adapter | null> } };
  return (await gpu?.requestAdapter()) ?? null;
}
