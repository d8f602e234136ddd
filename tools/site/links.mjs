// @ts-check
/** Finds where a link of a Markdown file leads in the site. */
import path from 'node:path';

/**
 * The places of files of the repository in the site. A file that became several pages also lists the headings
 * that have pages of their own.
 *
 * @typedef {{ address: string, headings?: ReadonlyMap<string, string> }} Place
 * @typedef {ReadonlyMap<string, Place>} Places
 */

/** Folders whose files the site has as they are: their path in the repository, and in the site. */
const copied = /** @type {const} */ ([['docs/images/', 'images/']]);

/** @param {string} from address of a page @param {string} to address of another one */
export const relativeAddress = (from, to) => path.posix.relative(path.posix.dirname(from), to);

/**
 * @param {{ source: string, address: string, places: Places, repository: string | null }} page
 * `repository`: the address of the repository's files, ending in a slash, where they can be read.
 * @returns {(link: string) => string | null}
 */
export function createResolve({ source, address, places, repository }) {
  return (link) => {
    // Pages of methods are linked by their addresses, which no file of the repository has.
    if (/^[a-z]+:|^[a-z0-9-]+\.html$/.test(link)) return link;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? source : path.posix.join(path.posix.dirname(source), file);
    const hash = anchor === undefined ? '' : `#${anchor}`;
    const place = places.get(target);
    if (file === '' && place === undefined) return link;
    if (place !== undefined) {
      const own = anchor === undefined ? undefined : place.headings?.get(anchor);
      if (own !== undefined) return own === address ? '#' : relativeAddress(address, own);
      return place.address === address ? hash : relativeAddress(address, place.address) + hash;
    }
    const [from, to] = copied.find(([folder]) => target.startsWith(folder)) ?? [];
    if (from !== undefined && to !== undefined) {
      return relativeAddress(address, to + target.slice(from.length));
    }
    return repository === null ? null : repository + target + hash;
  };
}
