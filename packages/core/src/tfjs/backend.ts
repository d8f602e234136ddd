import * as tf from '@tensorflow/tfjs-core';
import { GradcamError } from '../errors.ts';

/** Backends that {@link createTfjsEngine} can load by itself. */
export type TfjsBackend = 'wasm' | 'cpu' | 'webgl';

const packages: Readonly<Record<TfjsBackend, string>> = {
  wasm: '@tensorflow/tfjs-backend-wasm',
  cpu: '@tensorflow/tfjs-backend-cpu',
  webgl: '@tensorflow/tfjs-backend-webgl',
};

/**
 * Loads and selects a backend of tfjs.
 *
 * Literal import paths, so that bundlers see them; each is loaded only when asked for.
 *
 * @throws GradcamError `engine` where the package is missing or the backend does not start here.
 */
export async function selectBackend(backend: TfjsBackend): Promise<void> {
  try {
    if (backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
    else if (backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu');
    else await import('@tensorflow/tfjs-backend-webgl');
  } catch (cause) {
    throw new GradcamError(
      'engine',
      `tfjs backend ${backend}: package ${packages[backend]} is not installed; run: npm install ${packages[backend]}@${tf.version_core}`,
      { cause },
    );
  }
  let started = false;
  let cause: unknown;
  try {
    started = await tf.setBackend(backend);
    await tf.ready();
  } catch (error) {
    cause = error;
  }
  if (!started) {
    throw new GradcamError('engine', `tfjs backend ${backend} does not start on this machine`, {
      cause,
    });
  }
}
