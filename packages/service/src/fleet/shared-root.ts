import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import { FleetError } from './fleet-error.ts';

/**
 * The folder that all machines of a fleet see, each perhaps under another path. Jobs name everything by paths
 * relative to it, and nothing outside of it is read or written for a job.
 */
export interface SharedRoot {
  /** Real path on this machine. */
  readonly folder: string;
  /**
   * The path of a file or folder relative to the root, with `/` between names. Links are followed.
   *
   * @throws FleetError `argument` where it lies outside of the root.
   */
  place(file: string): Promise<string>;
  /**
   * The real path on this machine of something that a job names.
   *
   * @throws FleetError `data` for a path that leads out of the root, also by a link.
   */
  resolve(relative: string): Promise<string>;
}

/** @throws FleetError `argument` where the folder does not exist. */
export async function openSharedRoot(root: string): Promise<SharedRoot> {
  const folder = await realpath(root).catch(() => null);
  if (folder === null) {
    throw new FleetError('argument', `--root ${root}: no such folder`);
  }
  // Most images of a run lie in few folders.
  const known = new Map<string, string>();
  const realFolder = async (parent: string): Promise<string> => {
    let real = known.get(parent);
    if (real === undefined) {
      real = await realpath(parent).catch(() => parent);
      known.set(parent, real);
    }
    return real;
  };
  const real = async (file: string): Promise<string> => {
    const parent = await realFolder(path.dirname(file));
    const place = path.join(parent, path.basename(file));
    const stats = await lstat(place).catch(() => null);
    return stats?.isSymbolicLink() === true ? realpath(place).catch(() => place) : place;
  };
  return {
    folder,
    async place(file) {
      const inside = insideOf(folder, await real(path.resolve(file)));
      if (inside !== null) return inside;
      throw new FleetError(
        'argument',
        `${file}: lies outside of the shared folder ${folder}, so workers may not touch it; choose with --root a folder that holds the images and --out, and give every worker the same`,
      );
    },
    async resolve(relative) {
      if (!path.posix.isAbsolute(relative) && !relative.split('/').includes('..')) {
        const place = await real(path.join(folder, relative));
        if (insideOf(folder, place) !== null) return place;
      }
      throw new FleetError(
        'data',
        `${relative}: a job names a place outside of the shared folder ${folder}, and this worker does not go there`,
      );
    },
  };
}

/** The path relative to the root; null where it is outside. */
function insideOf(root: string, place: string): string | null {
  const inside = path.relative(root, place);
  if (path.isAbsolute(inside) || inside.split(path.sep)[0] === '..') return null;
  return inside.split(path.sep).join('/');
}
