import { dropUndefined } from '../base/drop-undefined.ts';
import { GradcamError, isGradcamError } from '../base/errors.ts';
import { joinBytes } from '../base/join-bytes.ts';
import { HUGGING_FACE } from '../readers/choose-model-file.ts';
import { checkFileSize, isOnnxName, type ModelFiles } from '../readers/model-files.ts';

/**
 * The files that are looked for beside a model on a server. Every missing file costs a request, so the list
 * holds only files that programs write together with a model.
 */
const WEB_SIDECARS: ReadonlySet<string> = new Set([
  'gradcam.json',
  'metadata.json',
  'preprocessor_config.json',
  'config.json',
  'labels.txt',
]);

/** The facts by which a server tells whether a file has changed. */
export interface FileVersion {
  readonly etag?: string;
  readonly lastModified?: string;
}

/** A model's files on a server. */
export interface WebModelFiles extends ModelFiles {
  /**
   * Reads a file, unless the server says that it has not changed since this version.
   *
   * @param version the version that came with the file the last time; null where there is none.
   * @returns null where the file has not changed. `version` is null where the server states nothing by which
   *   a change could be noticed.
   * @throws GradcamError `model` as reading does.
   */
  readChanged(
    name: string,
    version: FileVersion | null,
    maxBytes?: number,
  ): Promise<{ readonly bytes: Uint8Array; readonly version: FileVersion | null } | null>;
}

/**
 * Opens a model on a server, by the URL of its JSON file, of the folder with a `model.json`, or of an `.onnx`
 * file. In a page the URL may be relative. A query, such as a signature, is sent with every file, as tfjs
 * does it. For an ONNX file in a folder `onnx`, as Hugging Face arranges it, files that describe the model
 * are looked for in the folder above, too.
 *
 * Reading throws GradcamError `model` for a server that cannot be reached or answers other than 200.
 *
 * @throws GradcamError `argument` for a text that is not a URL.
 */
export function openModelUrl(url: string | URL): WebModelFiles {
  const { location: page, fetch } = globalThis as WebGlobals;
  let given: URL;
  try {
    given = new URL(url, page?.href);
  } catch (cause) {
    throw new GradcamError(
      'argument',
      `'${String(url)}' is not a URL; a folder is opened with openModelFolder of @gradcam/core/node`,
      { cause },
    );
  }
  const base = new URL(given);
  const isOnnx = isOnnxName(base.pathname);
  const main = isOnnx ? base.pathname.split('/').at(-1)! : 'model.json';
  if (!isOnnx && !base.pathname.endsWith('.json')) {
    base.pathname = `${base.pathname.replace(/\/$/, '')}/model.json`;
  }
  const isUsual = isOnnx && base.pathname.split('/').at(-2) === HUGGING_FACE.folder;
  const around = isUsual ? ['', '../'] : [''];
  // The query may hold a signature, which must not stand in messages or in `run.json`.
  const location = new URL(base);
  location.search = '';
  const readChanged: WebModelFiles['readChanged'] = async (name, version, maxBytes) => {
    const url = name === main ? base : new URL(name, base);
    url.search ||= base.search;
    const where = `${location.href}: file ${name}`;
    const headers = dropUndefined({
      'if-none-match': version?.etag,
      'if-modified-since': version?.lastModified,
    });
    // `no-store`: the server has to compare the version, and not a cache on the way.
    const asked = version === null ? {} : { headers, cache: 'no-store' };
    const response = await fetch(url, asked).catch((cause: unknown) => {
      throw new GradcamError('model', `${where} cannot be fetched`, { cause });
    });
    if (response.status === 304 && version !== null) return null;
    if (!response.ok) throw new GradcamError('model', `${where} answered ${response.status}`);
    // The announced length is that of the compressed bytes if the response is compressed, and a server may
    // announce none.
    const announced = response.headers?.get('content-encoding')
      ? null
      : response.headers?.get('content-length');
    checkFileSize(Number(announced ?? 0), maxBytes, where);
    const bytes = await readBody(response, maxBytes, where);
    return { bytes, version: versionOf(response) };
  };
  return {
    location: location.href,
    readChanged,
    onnx: isOnnx ? main : undefined,
    async readOptional(name, maxBytes) {
      if (!WEB_SIDECARS.has(name)) return null;
      for (const place of around) {
        const url = new URL(place + name, base);
        url.search ||= base.search;
        const response = await fetch(url).catch(() => null);
        // Servers of web pages answer with a page for files that they do not have.
        const isPage = /html/i.test(response?.headers?.get('content-type') ?? '');
        if (response?.ok === true && !isPage) {
          return readBody(response, maxBytes, `${location.href}: file ${name}`);
        }
        await response?.body
          ?.getReader()
          .cancel()
          .catch(() => undefined);
      }
      return null;
    },
    async readFile(name, maxBytes) {
      return (await readChanged(name, null, maxBytes))!.bytes;
    },
  };
}

/**
 * A file that was written within the last minute may be written again under the same time, which counts in
 * seconds: then only an ETag tells (RFC 9110, 8.8.2.2).
 */
const SETTLED_MS = 60_000;

function versionOf({ headers }: WebResponse): FileVersion | null {
  const etag = headers?.get('etag') ?? undefined;
  if (etag !== undefined) return { etag };
  const lastModified = headers?.get('last-modified') ?? undefined;
  const age = Date.parse(headers?.get('date') ?? '') - Date.parse(lastModified ?? '');
  return lastModified !== undefined && age > SETTLED_MS ? { lastModified } : null;
}

/** Reads a response's body, up to the limit. */
async function readBody(
  response: WebResponse,
  maxBytes: number | undefined,
  where: string,
): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return new Uint8Array(await response.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      chunks.push(part.value);
      size += part.value.byteLength;
      checkFileSize(size, maxBytes, where);
    }
  } catch (cause) {
    await reader.cancel().catch(() => undefined);
    if (isGradcamError(cause)) throw cause;
    throw new GradcamError('model', `${where} broke off after ${size} bytes`, { cause });
  }
  return joinBytes(chunks);
}

/** The globals that Node and browsers share. */
interface WebGlobals {
  readonly location?: { readonly href: string };
  readonly fetch: (
    url: URL,
    init?: { readonly headers?: Readonly<Record<string, string>>; readonly cache?: string },
  ) => Promise<WebResponse>;
}

interface WebResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers?: { get(name: string): string | null };
  readonly body?: { getReader(): BodyReader } | null;
  arrayBuffer(): Promise<ArrayBuffer>;
}

interface BodyReader {
  read(): Promise<{ done: false; value: Uint8Array } | { done: true }>;
  cancel(): Promise<void>;
}
