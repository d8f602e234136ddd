import { isGradcamError } from '../base/errors.ts';
import type { Engine } from '../engines/port/engine.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import type { Model, ModelOverrides } from '../model/description.ts';
import { loadModel } from '../model/model.ts';
import type { ModelFiles } from '../readers/model-files.ts';
import { readModelJson } from '../readers/model-json.ts';
import { explain } from './explain.ts';
import type { ExplainOptions } from './options.ts';
import type { ExplainedPicture } from './paint-overlay.ts';

/** The options of the short way that Node and browsers share. */
export interface PictureOptions extends ExplainOptions {
  /** Facts about the model that its files do not state, such as `{ inputRange: '0..1' }`. */
  readonly overrides?: ModelOverrides;
}

/** Explains a decoded image, and keeps its pixels for the overlay. */
export async function explainPicture(
  model: Model,
  image: RgbImage & { readonly notes?: readonly string[] },
  options: ExplainOptions,
): Promise<ExplainedPicture> {
  const explained = await explain(model, image, options);
  const { width, height, channels, data } = image;
  const assumptions = [...model.assumptions, ...(image.notes ?? [])];
  return { ...explained, image: { width, height, channels, data }, assumptions };
}

/** Engines that are started when a model needs them. */
export interface EngineStarters {
  /** The engine for most models. */
  usual(): Promise<Engine>;
  /** The engine for layers that tfjs-layers runs. */
  layers(): Promise<Engine>;
  /** The engine for GraphModels that are not translated. */
  graphs(): Promise<Engine>;
}

/**
 * Loads a model on the usual engine, or on the one that its layers need.
 *
 * @throws GradcamError as `loadModel` does.
 */
export async function loadOnFitting(
  files: ModelFiles,
  engines: EngineStarters,
  overrides: ModelOverrides,
): Promise<Model> {
  const usual = await engines.usual();
  try {
    return await loadModel(files, { ...overrides, engine: usual });
  } catch (error) {
    if (files.onnx !== undefined || !isGradcamError(error, 'unsupported', 'engine')) throw error;
    const { format } = await readModelJson(files);
    const engine = await (format === 'graph-model' ? engines.graphs() : engines.layers());
    return loadModel(files, { ...overrides, engine });
  }
}
