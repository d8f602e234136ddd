#!/usr/bin/env node
// Committed, because npm links commands before `prepare` has built anything.
import { existsSync } from 'node:fs';

const built = new URL('../bundle/main.js', import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  process.stderr.write('gradcam: not built yet; run: npm run build\n');
  process.exitCode = 69;
}
