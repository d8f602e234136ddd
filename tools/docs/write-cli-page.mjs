// @ts-check
/**
 * Writes docs/cli.md from the built command: npm run build && node tools/docs/write-cli-page.mjs
 */
import { createProgram } from '@gradcam/cli';
import { methods } from '@gradcam/core';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { formatCliPage } from './cli-page.mjs';

// A default that depends on this machine must not appear in the page.
delete process.env['GRADCAM_MODELS'];
const page = fileURLToPath(new URL('../../docs/cli.md', import.meta.url));
writeFileSync(
  page,
  await formatCliPage(
    createProgram(() => {}),
    methods,
  ),
);
