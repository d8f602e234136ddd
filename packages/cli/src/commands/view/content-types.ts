import { extname } from 'node:path';

/** Content types of the files that the page consists of. */
const pageTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.wasm': 'application/wasm',
};

/**
 * Content types of the data that the page reads from runs and models. None of them is a document that can
 * contain scripts.
 */
const dataTypes: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.json': 'application/json; charset=utf-8',
  '.jsonl': 'application/x-ndjson; charset=utf-8',
  '.npy': 'application/octet-stream',
  '.bin': 'application/octet-stream',
  '.onnx': 'application/octet-stream',
  '.keras': 'application/octet-stream',
  '.h5': 'application/octet-stream',
  '.hdf5': 'application/octet-stream',
};

/** Content types that an original image may have, by the kind that its first bytes show. */
const pictureTypes: Readonly<Record<string, string>> = {
  PNG: 'image/png',
  JPEG: 'image/jpeg',
  WebP: 'image/webp',
  GIF: 'image/gif',
  TIFF: 'image/tiff',
  AVIF: 'image/avif',
};

/** The content type of a file of the page, by its name. */
export function pageTypeOf(file: string): string {
  return pageTypes[extname(file).toLowerCase()] ?? 'application/octet-stream';
}

/**
 * The content type of a file of a run or a model, by its name; null for a file that the browser may only
 * save.
 */
export function dataTypeOf(file: string): string | null {
  return dataTypes[extname(file).toLowerCase()] ?? null;
}

/**
 * The content type of a picture, by its kind as `readPictureKind` returns it; null for a kind that is not
 * served.
 */
export function pictureTypeOf(kind: string | null): string | null {
  return pictureTypes[kind ?? ''] ?? null;
}
