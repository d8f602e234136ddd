import { readFileSync } from 'node:fs';

/** Version of the command, from its own package. */
export const ownVersion = readVersion();

/** The name and version of this program, which every picture states. */
export const softwareText = `gradcam ${ownVersion}`;

function readVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
