import { GradcamError, isGradcamError } from '../base/errors.ts';
import { importPeer } from '../base/import-peer.ts';
import type { Engine } from '../engines/port/engine.ts';
import { explainPicture, loadOnFitting, type PictureOptions } from '../explain/explain-picture.ts';
import { createModelCache } from '../explain/model-cache.ts';
import {
  paintOverlay,
  type ExplainedPicture,
  type OverlayOptions,
} from '../explain/paint-overlay.ts';
import type { Model } from '../model/description.ts';
import { openModelSource, type ModelSource } from '../model/model-source.ts';
import type { ModelFiles } from '../readers/model-files.ts';
import { findModelPath } from './find-model.ts';
import { encodePng } from './image-files.ts';
import { openModelFolder } from './model-folder.ts';
import { loadOnnxRuntime } from './onnx-runtime.ts';
import { readAnyImage, type ImageSource } from './read-any-image.ts';

/** Options of {@link explain}. */
export interface ExplainFileOptions extends PictureOptions {
  /**
   * The model: the path of its folder or file, its URL, its name in a folder of models, anything else that
   * `loadModel` takes, or a loaded model, which stays the caller's.
   */
  readonly model: string | URL | ModelSource | Model;
  /**
   * `onnx` (ONNX Runtime), `wasm` or `cpu` (tfjs), or an engine. Default `auto`: ONNX Runtime if it is
   * installed, or else tfjs on wasm.
   */
  readonly engine?: 'auto' | 'onnx' | 'wasm' | 'cpu' | Engine;
}

const cache = createModelCache();

/**
 * Explains an image in one call: it reads the image, loads the model on an engine that runs here, and
 * computes the maps. The model is kept for the next call, until {@link disposeModels}.
 *
 * @example
 * ```js
 * import * as gradcam from '@gradcam/core/node';
 * import { writeFile } from 'node:fs/promises';
 *
 * const cat = await gradcam.explain('cat-and-dog.png', { model: 'demo-resnet', targets: ['cat'] });
 * await writeFile('cat.png', await gradcam.overlayPng(cat));
 * await gradcam.disposeModels();
 * ```
 *
 * @param image see {@link ImageSource}.
 * @throws GradcamError as `readAnyImage`, `loadModel` and `explain` of `@gradcam/core` do; `not-found` for a
 *   model that is in none of the places; `engine` where no engine is installed, with the lines that install
 *   one.
 */
export async function explain(
  image: ImageSource,
  { model, engine = 'auto', overrides = {}, ...options }: ExplainFileOptions,
): Promise<ExplainedPicture> {
  const [loaded, picture] = await Promise.all([
    takeModel(model, engine, overrides),
    readAnyImage(image, options.signal),
  ]);
  return explainPicture(loaded, picture, options);
}

/**
 * The overlay of an explained image, as the bytes of a PNG.
 *
 * @throws GradcamError `argument` for an explanation that is not there.
 */
export async function overlayPng(
  picture: ExplainedPicture,
  options?: OverlayOptions,
): Promise<Uint8Array> {
  return encodePng(paintOverlay(picture, options));
}

/** Frees the models that {@link explain} has kept. */
export async function disposeModels(): Promise<void> {
  await cache.dispose();
}

async function takeModel(
  model: ExplainFileOptions['model'],
  engine: NonNullable<ExplainFileOptions['engine']>,
  overrides: NonNullable<PictureOptions['overrides']>,
): Promise<Model> {
  if (model === undefined || model === null) {
    throw new GradcamError('argument', 'model: expected a path, a URL or a loaded model, got none');
  }
  if (typeof model === 'object' && 'session' in model) return model;
  const files = await openFiles(model);
  const isAddress = typeof model === 'string' || model instanceof URL;
  const version = isAddress ? await files.identify?.([files.onnx ?? 'model.json']) : null;
  const what = isAddress ? files.location : model;
  return cache.take([what, version, engine, overrides], () =>
    loadOnFitting(files, startersOf(engine), overrides),
  );
}

async function openFiles(model: string | URL | ModelSource): Promise<ModelFiles> {
  if (typeof model !== 'string' || /^https?:/i.test(model)) return openModelSource(model);
  return openModelFolder(findModelPath(model));
}

function startersOf(engine: NonNullable<ExplainFileOptions['engine']>) {
  if (typeof engine === 'object') {
    const given = async (): Promise<Engine> => engine;
    return { usual: given, layers: given, graphs: given };
  }
  const backend = { backend: engine === 'cpu' ? 'cpu' : 'wasm' } as const;
  return {
    usual: () => startEngine(engine),
    async layers() {
      const { createLayersEngine } = await importPeer(
        () => import('../engines/tfjs-layers/index.ts'),
      );
      return createLayersEngine(backend);
    },
    async graphs() {
      const { createGraphModelEngine } = await importPeer(
        () => import('../engines/graph-model/index.ts'),
      );
      return createGraphModelEngine(backend);
    },
  };
}

async function startEngine(name: 'auto' | 'onnx' | 'wasm' | 'cpu'): Promise<Engine> {
  if (name === 'auto' || name === 'onnx') {
    try {
      const runtime = await loadOnnxRuntime();
      const { createOnnxEngine } = await import('../engines/onnx/create-engine.ts');
      return createOnnxEngine(runtime);
    } catch (error) {
      if (name === 'onnx' || !isGradcamError(error, 'engine')) throw error;
      return startTfjs('wasm').catch((cause: unknown) => {
        const or = 'or: npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm';
        throw new GradcamError('engine', `${error.message}; ${or}`, { cause });
      });
    }
  }
  if (name !== 'wasm' && name !== 'cpu') {
    throw new GradcamError(
      'argument',
      `engine: expected auto, onnx, wasm or cpu, got '${String(name)}'`,
    );
  }
  return startTfjs(name);
}

async function startTfjs(backend: 'wasm' | 'cpu'): Promise<Engine> {
  const { createTfjsEngine } = await import('../engines/tfjs/load-engine.ts');
  return createTfjsEngine({ backend });
}
