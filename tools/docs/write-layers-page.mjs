// @ts-check
/** Writes docs/layers.md from docs/tables: node tools/docs/write-layers-page.mjs */
import { writeFileSync } from 'node:fs';
import { formatLayersPage } from './layers-page.mjs';

writeFileSync(new URL('../../docs/layers.md', import.meta.url), await formatLayersPage());
