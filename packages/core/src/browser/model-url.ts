import { GradcamError } from '../errors.ts';
import type { ModelFiles } from '../model/model-files.ts';

/**
 * A model on a server: the URL of its `model.json`, or of the folder that holds it.
 *
 * Reading throws GradcamError `model` for an answer other than 200.
 */
export function openModelUrl(url: string | URL): ModelFiles {
  const given = new URL(url, globalThis.location?.href);
  const base = given.pathname.endsWith('model.json')
    ? given
    : new URL('model.json', given.href.endsWith('/') ? given : `${given.href}/`);
  return {
    location: base.href,
    async readFile(name) {
      const response = await fetch(new URL(name, base));
      if (!response.ok) {
        throw new GradcamError('model', `${base.href}: file ${name} answered ${response.status}`);
      }
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}
