import { isFailure, GradcamError, type ResultLine } from '@gradcam/core';
import {
  explainImage,
  prepareImage,
  toReadableLine,
  type Budget,
  type Explainer,
  type ImageNames,
  type OnStage,
  type RunDirectory,
} from '@gradcam/runs';
import type { OpenedModel } from '../models/model-source.ts';
import { RequestError } from '../request-error.ts';
import { checkOptions } from './check-options.ts';
import type { ReadOptions } from './read-options.ts';
import type { Upload } from './read-upload.ts';

/** All that explaining an upload needs besides the upload. */
export interface UploadWork {
  readonly model: OpenedModel;
  readonly explainer: Pick<Explainer, 'explain'>;
  readonly options: ReadOptions;
  readonly format: 'png' | 'webp';
  /** Name and version of the program, as every picture states it. */
  readonly software: string;
  /** Pixels that all pictures may hold together. */
  readonly pixels: Budget;
  /** The most pixels of one picture. */
  readonly mostPixels: number;
  readonly signal: AbortSignal;
  readonly onStage: OnStage;
}

/** A line of results and the files that it names, in memory. */
export interface ExplainedUpload {
  readonly line: ResultLine;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Explains an upload as `gradcam explain` explains a file: the same functions make the line and the files,
 * which stay in memory.
 *
 * @throws RequestError, GradcamError, and the signal's reason when aborted.
 */
export async function explainUpload(upload: Upload, work: UploadWork): Promise<ExplainedUpload> {
  const { model, explainer, options, pixels, mostPixels, signal, onStage } = work;
  checkOptions(model.description, options.explain);
  const files = new Map<string, Uint8Array>();
  const line = await explainImage(
    { image: upload.name },
    {
      thread: { explain: explainer.explain, drop: () => {} },
      read: () =>
        prepareImage(upload.bytes, upload.name, model.description.input, {
          window: options.window,
          pixels,
          check: (size) => checkPixels(size, mostPixels),
        }),
      options: { ...options.explain, signal },
      save: {
        ...options.save,
        format: work.format,
        software: work.software,
        model: { id: model.id, digest: model.digest },
      },
      directory: keepIn(files),
      names: oneName(upload.name),
      truth: null,
      explainsTruth: false,
      signal,
      onStage,
      saveSweeps: null,
      saveFigures: null,
    },
    () => {},
  );
  const readable = toReadableLine(line);
  if (isFailure(readable)) throw new GradcamError('model', readable.error);
  return { line: readable, files };
}

function checkPixels({ width, height }: { width: number; height: number }, most: number): void {
  if (width * height <= most) return;
  throw new RequestError(
    'too-large',
    `the picture has ${width} x ${height} pixels, more than the ${most} that this service takes; make it smaller first`,
  );
}

/** A run's folder in memory. */
function keepIn(files: Map<string, Uint8Array>): RunDirectory {
  return {
    folder: '',
    async writeFile(name, content) {
      if (!(content instanceof Uint8Array)) throw new Error(`${name}: expected bytes`);
      files.set(name, content);
      return name;
    },
    async writeRun() {},
  };
}

/** The names of a run of one image. */
function oneName(name: string): ImageNames {
  const same = (): string => name;
  return {
    original: '.',
    placeOf: same,
    placeOfLine: same,
    lineOf: same,
    folderOf: () => 'images/upload',
    take: () => {},
  };
}
