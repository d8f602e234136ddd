import { GradcamError, validateArtifact } from '@gradcam/core';
import { sha256 } from './digest.ts';
import { kerasName } from './keras-name.ts';
import { keptFile, keepFile } from './kept-files.ts';
import type { PlacedModel, ReadingOptions } from './placed-model.ts';

const MODEL_JSON = 'model.json';

/**
 * Opens a model on this server: of tfjs, an ONNX file, or a file of Keras, which is converted here. The
 * browser stores weight files by the sha256 that the model lists, or else by the model's digest and the
 * server's ETag of the file. A file that is a whole model is read anew each time.
 *
 * @param address of the model's folder, ending in a slash.
 * @throws GradcamError `model` for an HTTP status other than 200, and for weights with another sha256 than
 * the model lists.
 */
export async function openServedModel(
  address: string,
  { signal, onBytes }: ReadingOptions,
): Promise<PlacedModel> {
  const { file: mainName = MODEL_JSON, beside = [] } = await findListed(address, signal);
  const isWhole = mainName !== MODEL_JSON;
  const main = await fetchBytes(address + encodeURIComponent(mainName), signal, (bytes) => {
    if (isWhole) onBytes(bytes, 0);
  });
  const converted = kerasName.test(mainName) ? await convertServed(mainName, main, signal) : null;
  const digest = await sha256(main);
  const facts: ModelFacts = isWhole ? { shards: {}, bytes: main.byteLength } : readFacts(main);
  // The weight files of an ONNX file do not state their sizes before they are read.
  const total = isWhole ? 0 : facts.bytes;
  const known = new Map<string, number>(isWhole ? [[mainName, main.byteLength]] : []);
  let done = isWhole ? main.byteLength : 0;
  return {
    location: address,
    weightBytes: facts.bytes,
    ...(/\.onnx$/i.test(mainName) && { onnx: mainName }),
    async readOptional(name) {
      if (!beside.includes(name)) return null;
      return fetchBytes(address + encodeURIComponent(name), signal, () => {});
    },
    async readFile(name) {
      if (name === mainName) return main;
      const made = converted?.get(name);
      if (made !== undefined) return made;
      const file = address + name.split('/').map(encodeURIComponent).join('/');
      const expected = facts.shards[name];
      const key =
        expected === undefined ? await tagKey(file, digest, signal) : `sha256-${expected}`;
      const report = (bytes: number): void => onBytes(done + bytes, total);
      const kept = key === null ? null : await keptFile(key);
      const bytes = kept ?? (await fetchBytes(file, signal, report));
      if (kept === null) {
        const found = expected === undefined ? null : await sha256(bytes);
        if (found !== null && found !== expected) {
          throw new GradcamError(
            'model',
            `${file}: expected sha256 ${expected}, as the model lists it, found ${found}; convert or fetch the model again`,
          );
        }
        if (key !== null) await keepFile(key, bytes);
      }
      known.set(name, bytes.byteLength);
      done = [...known.values()].reduce((sum, size) => sum + size, 0);
      report(0);
      return bytes;
    },
  };
}

async function convertServed(name: string, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal) {
  const { convertKerasFile } = await import('./keras-file.ts');
  return convertKerasFile(name, bytes, signal);
}

/** A model as the server lists it. */
interface ListedModel {
  /** The name of an ONNX file or a file of Keras; absent for a model of tfjs. */
  readonly file?: string;
  /**
   * The files beside the model that describe it. Requesting each possible file would give two dozen responses
   * with HTTP status 404.
   */
  readonly beside?: readonly string[];
}

async function findListed(address: string, signal: AbortSignal): Promise<ListedModel> {
  const response = await fetch(new URL('../../served.json', address), { signal }).catch(() => null);
  if (response?.ok !== true) return {};
  try {
    const { models } = (await response.json()) as {
      models?: readonly (ListedModel & { readonly id: string })[];
    };
    const id = decodeURIComponent(address.split('/').at(-2) ?? '');
    return models?.find((model) => model.id === id) ?? {};
  } catch {
    return {};
  }
}

/** What a model states about its weight files. */
interface ModelFacts {
  /** The sha256 of each file, in hexadecimal. */
  readonly shards: Readonly<Record<string, string>>;
  readonly bytes: number;
}

/**
 * Reads what the model states about its weight files. Faults in its JSON are left to core, which reports
 * them.
 */
function readFacts(json: Uint8Array): ModelFacts {
  try {
    const text = new TextDecoder().decode(json);
    const { userDefinedMetadata, weightsManifest } = JSON.parse(text) as {
      userDefinedMetadata?: { gradcam?: unknown };
      weightsManifest: readonly { weights: readonly ManifestWeight[] }[];
    };
    const block = userDefinedMetadata?.gradcam;
    const shards = block === undefined ? {} : validateArtifact(block).shards;
    const weights = weightsManifest.flatMap((group) => group.weights);
    return { shards, bytes: weights.reduce((sum, weight) => sum + countBytes(weight), 0) };
  } catch {
    return { shards: {}, bytes: 0 };
  }
}

interface ManifestWeight {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string };
}

/** The size of a weight in bytes, which is used only to show the progress. */
function countBytes({ shape, dtype, quantization }: ManifestWeight): number {
  const sizes: Readonly<Record<string, number>> = { uint8: 1, bool: 1, uint16: 2, float16: 2 };
  return shape.reduce((count, size) => count * size, sizes[quantization?.dtype ?? dtype] ?? 4);
}

async function tagKey(
  file: string,
  digest: string | null,
  signal: AbortSignal,
): Promise<string | null> {
  if (digest === null) return null;
  const { headers, ok } = await fetch(file, { method: 'HEAD', cache: 'no-store', signal });
  const tag = headers.get('ETag');
  if (!ok || tag === null) return null;
  return `model-${digest}/${encodeURIComponent(new URL(file).pathname)}/${encodeURIComponent(tag)}`;
}

async function fetchBytes(
  address: string,
  signal: AbortSignal,
  report: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(address, { signal, cache: 'no-store' }).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new GradcamError('model', `${address}: the server does not answer`, { cause });
  });
  if (!response.ok) {
    throw new GradcamError(
      'model',
      `${address}: the server answered with HTTP status ${response.status}`,
    );
  }
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = response.body!.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value);
    size += part.value.byteLength;
    report(size);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
