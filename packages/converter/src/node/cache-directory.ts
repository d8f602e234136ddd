import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder for downloads: `$GRADCAM_CACHE`, or else the platform's folder for caches. */
export function findCacheDirectory(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: string = process.platform,
): string {
  const { GRADCAM_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = environment;
  if (GRADCAM_CACHE) return GRADCAM_CACHE;
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'gradcam');
  if (platform === 'win32') {
    return join(LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'gradcam', 'Cache');
  }
  return join(XDG_CACHE_HOME ? XDG_CACHE_HOME : join(homedir(), '.cache'), 'gradcam');
}
