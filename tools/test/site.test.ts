import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkLinks } from '../site/check-links.mjs';
import { home, sections } from '../site/site-map.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-site-'));
const site = path.join(folder, 'under/a/path');

beforeAll(() => {
  const build = path.join(root, 'tools/site/build-site.mjs');
  execFileSync(process.execPath, [build, site], { stdio: 'pipe' });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the site of the documentation', () => {
  test('has every page of docs/', () => {
    const mapped = [home, ...sections.flatMap(({ pages }) => pages)].map(({ source }) => source);
    const docs = readdirSync(path.join(root, 'docs')).filter((name) => name.endsWith('.md'));
    expect(docs.filter((name) => !mapped.includes(`docs/${name}`))).toEqual([]);
  });

  test('has no link that leads nowhere', () => {
    const { broken, checked } = checkLinks(site);
    expect(broken).toEqual([]);
    expect(checked).toBeGreaterThan(1000);
  });
});

test('the check of links finds files and anchors that are missing', () => {
  const own = path.join(folder, 'own/a');
  mkdirSync(own, { recursive: true });
  const links = ['b.html', 'b.html#here', '#there', '../c.html', 'b.html#gone', '/own/a/b.html'];
  const anchors = links.map((link) => `<a href="${link}">x</a>`).join('');
  writeFileSync(path.join(own, 'a.html'), `<h1 id="there">x</h1>${anchors}`);
  writeFileSync(path.join(own, 'b.html'), '<h2 id="here">x</h2><img src="gone.png">');
  const { broken } = checkLinks(path.join(folder, 'own'));
  expect(broken.sort()).toEqual([
    'a/a.html: ../c.html',
    'a/a.html: /own/a/b.html',
    'a/a.html: b.html#gone',
    'a/b.html: gone.png',
  ]);
});
