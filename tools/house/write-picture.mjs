/** Draws the picture of core's wings in ARCHITECTURE.md anew: `node tools/house/write-picture.mjs`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withPicture } from './picture.mjs';
import { readImports } from './read-imports.mjs';

const page = fileURLToPath(new URL('../../ARCHITECTURE.md', import.meta.url));
const core = fileURLToPath(new URL('../../packages/core/src', import.meta.url));
writeFileSync(page, withPicture(readFileSync(page, 'utf8'), readImports(core)));
