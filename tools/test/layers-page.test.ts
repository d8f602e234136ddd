import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { formatLayersPage } from '../docs/layers-page.mjs';

it('docs/layers.md is what the tables say', async () => {
  const page = new URL('../../docs/layers.md', import.meta.url);
  expect(await formatLayersPage(), 'run: node tools/docs/write-layers-page.mjs').toBe(
    readFileSync(page, 'utf8'),
  );
});
