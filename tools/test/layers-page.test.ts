import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatLayersPage } from '../docs/layers-page.mjs';

test('docs/layers.md is what the tables say', async () => {
  const page = new URL('../../docs/layers.md', import.meta.url);
  expect(await formatLayersPage(), 'run: node tools/docs/write-layers-page.mjs').toBe(
    readFileSync(page, 'utf8'),
  );
});
