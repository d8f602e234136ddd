import * as tf from '@tensorflow/tfjs-core';
import { GradcamError } from '../../base/errors.ts';
import { repairSamePadding } from './repair-same-padding.ts';
import { configureWasm, type WasmOptions } from './wasm-options.ts';

/**
 * A backend that {@link createTfjsEngine} can select. `node` and `node-gpu` are TensorFlow's own library;
 * call `loadTfjsNode` of `@gradcam/core/node` before these two.
 */
export type TfjsBackend = 'wasm' | 'cpu' | 'webgl' | 'webgpu' | 'node' | 'node-gpu';

interface BackendFacts {
  readonly package: string;
  /** The backend's name in tfjs. */
  readonly registered: string;
  /** What to do where the backend does not start. */
  readonly advice: string;
}

const facts: Readonly<Record<TfjsBackend, BackendFacts>> = {
  wasm: {
    package: '@tensorflow/tfjs-backend-wasm',
    registered: 'wasm',
    advice: 'in a browser its .wasm files must be served: see the option wasmPaths',
  },
  cpu: { package: '@tensorflow/tfjs-backend-cpu', registered: 'cpu', advice: 'use wasm' },
  webgl: {
    package: '@tensorflow/tfjs-backend-webgl',
    registered: 'webgl',
    advice: 'it needs a browser with WebGL; use wasm',
  },
  webgpu: {
    package: '@tensorflow/tfjs-backend-webgpu',
    registered: 'webgpu',
    advice: 'it needs a browser with WebGPU and a graphics card that it accepts; use webgl or wasm',
  },
  node: {
    package: '@tensorflow/tfjs-node',
    registered: 'tensorflow',
    advice: 'call loadTfjsNode() of @gradcam/core/node first',
  },
  'node-gpu': {
    package: '@tensorflow/tfjs-node-gpu',
    registered: 'tensorflow',
    advice: 'call loadTfjsNode({ gpu: true }) of @gradcam/core/node first',
  },
};

/**
 * Loads and selects a backend of tfjs. Where that fails, the backend selected before stays.
 *
 * @throws GradcamError `engine` where the package is missing, where the backend does not start here, and
 *   where it computes with 16 bits.
 */
export async function selectBackend(backend: TfjsBackend, wasm: WasmOptions): Promise<void> {
  const { registered, advice } = facts[backend];
  await importBackend(backend, wasm);
  const before = (tf.engine() as { backendName?: string }).backendName;
  let started = false;
  let cause: unknown;
  try {
    started = await startInTime(tf.setBackend(registered), wasm.threads ?? 1);
  } catch (error) {
    cause = error;
  }
  if (!started) {
    const reason = cause instanceof GradcamError ? cause.message : advice;
    throw new GradcamError('engine', `tfjs backend ${backend} does not start here: ${reason}`, {
      cause,
    });
  }
  // At its first use tfjs prints a banner that advertises tfjs-node; here the user chose cpu by name.
  if (backend === 'cpu') (tf.backend() as { firstUse?: boolean }).firstUse = false;
  // On phones and old graphics cards, tfjs silently continues with textures of 16 bits.
  if (backend === 'webgl' && !tf.env().getBool('WEBGL_RENDER_FLOAT32_ENABLED')) {
    if (before !== undefined) await tf.setBackend(before);
    throw new GradcamError(
      'engine',
      'tfjs backend webgl: this graphics card computes with 16-bit floats, too few digits for gradients (expected 32 bits); use wasm',
    );
  }
}

/** Threads of wasm start in less than a second; where they cannot start, tfjs waits for ever. */
const THREAD_START_MS = 20_000;

async function startInTime(starting: Promise<boolean>, threads: number): Promise<boolean> {
  if (threads === 1) return starting;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((_, reject) => {
    const message = `its ${threads} threads have not started in ${THREAD_START_MS / 1000} s; use threads: 1`;
    timer = setTimeout(() => reject(new GradcamError('engine', message)), THREAD_START_MS);
  });
  return Promise.race([starting, late]).finally(() => clearTimeout(timer));
}

/** Imports a backend's package. The paths are literals, so that bundlers see them. */
async function importBackend(backend: TfjsBackend, wasm: WasmOptions): Promise<void> {
  try {
    if (backend === 'wasm') {
      configureWasm(await import('@tensorflow/tfjs-backend-wasm'), wasm);
      repairSamePadding();
    } else if (backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu');
    else if (backend === 'webgl') await import('@tensorflow/tfjs-backend-webgl');
    else if (backend === 'webgpu') await import('@tensorflow/tfjs-backend-webgpu');
  } catch (cause) {
    const name = facts[backend].package;
    throw new GradcamError(
      'engine',
      `tfjs backend ${backend}: package ${name} cannot be loaded; run: npm install ${name}@${tf.version_core}`,
      { cause },
    );
  }
}
