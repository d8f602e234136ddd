import { GradcamError } from '../errors.ts';
import type { ModelFiles } from './model-files.ts';

/**
 * A model on a server: the URL of its `model.json`, or of the folder that holds it; in a page also
 * relative to it.
 *
 * Reading throws GradcamError `model` for a server that cannot be reached or answers other than 200.
 *
 * @throws GradcamError `argument` for what is not a URL.
 */
export function openModelUrl(url: string | URL): ModelFiles {
  const { location, fetch } = globalThis as WebGlobals;
  let given: URL;
  try {
    given = new URL(url, location?.href);
  } catch (cause) {
    throw new GradcamError(
      'argument',
      `'${String(url)}' is not a URL; a folder is opened with openModelFolder of @gradcam/core/node`,
      { cause },
    );
  }
  const base = given.pathname.endsWith('model.json')
    ? given
    : new URL('model.json', given.href.endsWith('/') ? given : `${given.href}/`);
  return {
    location: base.href,
    async readFile(name) {
      const response = await fetch(new URL(name, base)).catch((cause: unknown) => {
        throw new GradcamError('model', `${base.href}: file ${name} cannot be fetched`, { cause });
      });
      if (!response.ok) {
        throw new GradcamError('model', `${base.href}: file ${name} answered ${response.status}`);
      }
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}

/** What Node and browsers have alike, though no language standard says so. */
interface WebGlobals {
  readonly location?: { readonly href: string };
  readonly fetch: (url: URL) => Promise<{
    readonly ok: boolean;
    readonly status: number;
    arrayBuffer(): Promise<ArrayBuffer>;
  }>;
}
