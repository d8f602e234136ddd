import { GradcamError } from '../base/errors.ts';
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
import { openModelBlobs, type ModelBlob } from './model-blobs.ts';
import { readAnyImage, type ImageSource } from './read-any-image.ts';

/** Options of {@link explain}. */
export interface ExplainInPageOptions extends PictureOptions {
  /**
   * The model: its URL, files that were dropped on the page, anything else that `loadModel` takes, or a
   * loaded model, which stays the caller's.
   */
  readonly model: string | URL | readonly ModelBlob[] | ModelSource | Model;
  /**
   * `onnx` (ONNX Runtime on wasm, the default), `webgl`, `wasm` or `cpu` (tfjs), or an engine. The engine's
   * files are loaded with the first picture.
   */
  readonly engine?: 'onnx' | 'webgl' | 'wasm' | 'cpu' | Engine;
  /** URL of the folder with the `.wasm` files of the engine, for pages whose bundler does not place them. */
  readonly wasmPaths?: string;
}

type EngineChoice = NonNullable<ExplainInPageOptions['engine']>;

const cache = createModelCache();

/**
 * Explains an image in one call: it reads the image, loads the model and an engine, and computes the maps.
 * The model is kept for the next call, until {@link disposeModels}.
 *
 * @example
 * ```ts
 * // not run: it needs a page; test/browser/image-sources.test.ts makes the same calls in one
 * import * as gradcam from '@gradcam/core/browser';
 *
 * const photo = document.querySelector('img');
 * const cat = await gradcam.explain(photo, { model: 'models/demo-resnet/', targets: ['cat'] });
 * const pixels = gradcam.overlayImageData(cat);
 * document.querySelector('canvas').getContext('2d').putImageData(pixels, 0, 0);
 * ```
 *
 * @param image see {@link ImageSource}.
 * @throws GradcamError as `readAnyImage`, `loadModel` and `explain` of `@gradcam/core` do.
 */
export async function explain(
  image: ImageSource,
  { model, engine = 'onnx', wasmPaths, overrides = {}, ...options }: ExplainInPageOptions,
): Promise<ExplainedPicture> {
  const [loaded, picture] = await Promise.all([
    takeModel(model, engine, wasmPaths, overrides),
    readAnyImage(image, options.signal),
  ]);
  return explainPicture(loaded, picture, options);
}

/** The overlay of an explained image, for `putImageData` of a canvas. */
export function overlayImageData(picture: ExplainedPicture, options?: OverlayOptions): ImageData {
  const { width, height, channels, data } = paintOverlay(picture, options);
  const pixels = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    for (let k = 0; k < 3; k++) pixels.data[4 * i + k] = data[channels * i + k]!;
    pixels.data[4 * i + 3] = 255;
  }
  return pixels;
}

/** The overlay of an explained image as a PNG. */
export async function overlayPng(
  picture: ExplainedPicture,
  options?: OverlayOptions,
): Promise<Blob> {
  const pixels = overlayImageData(picture, options);
  const canvas = new OffscreenCanvas(pixels.width, pixels.height);
  canvas.getContext('2d')!.putImageData(pixels, 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}

/** Frees the models that {@link explain} has kept. */
export async function disposeModels(): Promise<void> {
  await cache.dispose();
}

async function takeModel(
  model: ExplainInPageOptions['model'],
  engine: EngineChoice,
  wasmPaths: string | undefined,
  overrides: NonNullable<PictureOptions['overrides']>,
): Promise<Model> {
  if (model === undefined || model === null) {
    throw new GradcamError('argument', 'model: expected a URL, files or a loaded model, got none');
  }
  if (typeof model === 'object' && 'session' in model) return model;
  const isAddress = typeof model === 'string' || model instanceof URL;
  const what = isAddress ? new URL(model, globalThis.location?.href).href : model;
  return cache.take([what, engine, wasmPaths, overrides], async () => {
    const files = Array.isArray(model)
      ? await openModelBlobs(model as readonly ModelBlob[])
      : await openModelSource(model as ModelSource);
    return loadOnFitting(files, startersOf(engine, wasmPaths), overrides);
  });
}

function startersOf(engine: EngineChoice, wasmPaths: string | undefined) {
  if (typeof engine === 'object') {
    const given = async (): Promise<Engine> => engine;
    return { usual: given, layers: given, graphs: given };
  }
  const backend = engine === 'onnx' ? 'wasm' : engine;
  const options = { backend, ...(wasmPaths !== undefined && { wasmPaths }) };
  return {
    usual: () => startEngine(engine, wasmPaths),
    async layers() {
      const { createLayersEngine } = await import('../engines/tfjs-layers/index.ts');
      return createLayersEngine(options);
    },
    async graphs() {
      const { createGraphModelEngine } = await import('../engines/graph-model/index.ts');
      return createGraphModelEngine(options);
    },
  };
}

async function startEngine(
  name: 'onnx' | 'webgl' | 'wasm' | 'cpu',
  wasmPaths: string | undefined,
): Promise<Engine> {
  if (name === 'onnx') {
    const runtime = await import('onnxruntime-web/wasm');
    if (wasmPaths !== undefined) runtime.env.wasm.wasmPaths = wasmPaths;
    const { createOnnxEngine } = await import('../engines/onnx/create-engine.ts');
    return createOnnxEngine(runtime);
  }
  if (!['webgl', 'wasm', 'cpu'].includes(name)) {
    throw new GradcamError(
      'argument',
      `engine: expected onnx, webgl, wasm or cpu, got '${String(name)}'`,
    );
  }
  const { createTfjsEngine } = await import('../engines/tfjs/load-engine.ts');
  return createTfjsEngine({ backend: name, ...(wasmPaths !== undefined && { wasmPaths }) });
}
