import { createTfjsEngine } from '../../../src/engines/tfjs/index.ts';
import * as tf from '@tensorflow/tfjs-core';
import { describeRuntime } from './engines.ts';
import { decodeImageUrl, explainUrl } from './explain-image.ts';
import { explainShort, readEverySource, refuseSource } from './image-sources.ts';
import { runSuite } from './run-suites.ts';

/** What the tests call in the page. */
export const pageApi = {
  describeRuntime,
  runSuite,
  decodeImageUrl,
  explainUrl,
  readEverySource,
  explainShort,
  refuseSource,
  /** The message with which webgl is refused where textures have 16 bits; null where it starts. */
  async refuseHalfFloats(): Promise<{ message: string | null; backend: string }> {
    await createTfjsEngine({ backend: 'cpu' });
    await import('@tensorflow/tfjs-backend-webgl');
    tf.env().set('WEBGL_FORCE_F16_TEXTURES', true);
    const message = await createTfjsEngine({ backend: 'webgl' }).then(
      () => null,
      (error: Error) => error.message,
    );
    return { message, backend: tf.getBackend() };
  },
  /** The message with which a backend is refused that this page cannot have. */
  async refuse(backend: 'webgpu' | 'wasm'): Promise<string | null> {
    return createTfjsEngine({ backend }).then(
      () => null,
      (error: Error) => error.message,
    );
  },
};

export type PageApi = typeof pageApi;

Object.assign(globalThis, { pageApi });
