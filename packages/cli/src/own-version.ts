import { readFileSync } from 'node:fs';

/** The version of the command, from its own package.json. */
export const ownVersion = readVersion();

/** The name and version of this program. Every picture that it writes states them. */
export const softwareText = `gradcam ${ownVersion}`;

function readVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
