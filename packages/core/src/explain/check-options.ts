import { GradcamError } from '../base/errors.ts';
import { checkList, checkOptionNames, describeValue } from '../base/option-names.ts';
import type { ExplainOptions } from './options.ts';
import { isWritten } from './written-caption.ts';

const OPTIONS: Readonly<Record<keyof Required<ExplainOptions>, true>> = {
  ...{ methods: true, targets: true, layers: true, like: true, runs: true, batch: true },
  ...{ signal: true, onProgress: true, output: true, imageInput: true, inputs: true },
  ...{ question: true, caption: true, ownCaption: true },
};

/**
 * Checks the types of the options, for callers who write JavaScript.
 *
 * @throws GradcamError `argument` that names the option, what it takes and what was given.
 */
export function checkExplainOptions(options: ExplainOptions): void {
  checkOptionNames('explain', options, Object.keys(OPTIONS));
  const { methods, targets, layers, like, signal, onProgress } = options;
  const isText = (item: unknown): boolean => typeof item === 'string';
  checkList('methods', methods, isText);
  checkList('layers', layers, isText);
  checkList('targets', targets, isTarget);
  refuse('like', like, 'the name of a preset', like === undefined || isText(like));
  refuse(
    'onProgress',
    onProgress,
    'a function',
    ['undefined', 'function'].includes(typeof onProgress),
  );
  for (const name of ['caption', 'ownCaption'] as const) {
    const value = options[name];
    if (typeof value === 'object' && !isWritten(value)) checkOptionNames(name, value, ['beams']);
  }
  const hasSignal =
    signal === undefined || typeof (signal as { aborted?: unknown }).aborted === 'boolean';
  refuse('signal', signal, 'an AbortSignal', hasSignal);
}

function isTarget(item: unknown): boolean {
  if (typeof item === 'string' || typeof item === 'number') return true;
  if (typeof item !== 'object' || item === null) return false;
  if ('score' in item) return true;
  return 'kind' in item && item.kind === 'similar' && ('image' in item || 'embedding' in item);
}

function refuse(name: string, value: unknown, expected: string, holds: boolean): void {
  if (holds) return;
  throw new GradcamError('argument', `${name}: expected ${expected}, got ${describeValue(value)}`);
}

/**
 * Checks that an image is decoded.
 *
 * @throws GradcamError `argument` for a path, the bytes of a file or an element of a page. It names the
 *   function that decodes these.
 */
export function checkImage(image: unknown): void {
  const isObject = typeof image === 'object' && image !== null;
  if (
    isObject &&
    (('values' in image && 'geometry' in image) ||
      ('data' in image && 'width' in image && 'channels' in image))
  ) {
    return;
  }
  const bytes = image instanceof Uint8Array || image instanceof ArrayBuffer;
  const next =
    typeof image === 'string' || image instanceof URL
      ? 'read the file with readImage of @gradcam/core/node, or the picture with readImageBlob of @gradcam/core/browser'
      : bytes
        ? 'these are the bytes of a file: decode them with decodeImage of @gradcam/core/node'
        : 'the pixels of a canvas have four channels: { width, height, channels: 4, data }';
  throw new GradcamError(
    'argument',
    `image: expected { width, height, channels, data }, got ${describeValue(image)}; ${next}`,
  );
}
