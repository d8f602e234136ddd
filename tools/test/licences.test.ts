import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatLicencesPage } from '../release/licences-page.mjs';
import { listBundled, listLicences, readLock, refuseLicence, root } from '../release/licences.mjs';
import { formatPageNotices } from '../release/third-party.mjs';

const licensed = listLicences(readLock());
const readText = (file: string): string => readFileSync(path.join(root, file), 'utf8');

describe('licences of what runs with our packages', () => {
  test('none is refused', () => {
    expect(licensed.map(refuseLicence).filter((reason) => reason !== null)).toEqual([]);
  });

  test('the page and the notices are what the lock file says', async () => {
    const advice = 'run: node tools/release/write-licences.mjs';
    expect(readText('docs/licences.md'), advice).toBe(await formatLicencesPage());
    expect(readText('packages/viewer/THIRD-PARTY-NOTICES'), advice).toBe(formatPageNotices());
  });

  test('the packages that are installed state the licences of the lock file', () => {
    const places = licensed.flatMap(({ licence, places }) =>
      places.map((place) => ({ place, licence })),
    );
    const here = places.filter(({ place }) => existsSync(path.join(root, place, 'package.json')));
    const other = here.filter(({ place, licence }) => {
      const manifest = JSON.parse(readText(`${place}/package.json`)) as {
        license?: string | { type: string };
      };
      const { license } = manifest;
      return (typeof license === 'object' ? license.type : license) !== licence;
    });
    expect(other).toEqual([]);
    // Those of other platforms are not installed.
    expect(here.length).toBeGreaterThan(100);
  });

  test('each dependency that our packages name is among them', () => {
    const names = new Set(licensed.map(({ name }) => name));
    for (const own of ['core', 'converter', 'runs', 'service', 'cli']) {
      const manifest = JSON.parse(readText(`packages/${own}/package.json`)) as {
        dependencies?: Record<string, string>;
        peerDependencies?: Record<string, string>;
      };
      const needed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
      const ours = (name: string): boolean => name.startsWith('@gradcam/');
      expect(needed.filter((name) => !ours(name) && !names.has(name))).toEqual([]);
    }
  });

  test('what may be in the built pages has everything of which they have code', () => {
    const inPages = licensed.filter(({ use }) => use.includes('page')).map(({ name }) => name);
    for (const name of ['preact', 'npyjs', 'onnxruntime-web', '@tensorflow/tfjs-core']) {
      expect(inPages).toContain(name);
    }
    expect(inPages).not.toContain('sharp');
    expect(inPages).not.toContain('fastify');
  });

  test('what a build contains is listed with what its packages need', () => {
    const names = listBundled(readLock(), ['onnxruntime-web']).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['onnxruntime-common', 'onnxruntime-web']));
    expect(names).not.toContain('preact');
    expect(() => listBundled(readLock(), ['left-pad'])).toThrow('left-pad is not in package-lock');
  });
});

describe('a licence', () => {
  const of = (licence: string, name = 'some') => refuseLicence({ name, licence });

  test.each(['MIT', '(MIT OR GPL-3.0-only)', 'GPL-2.0-only OR Apache-2.0', 'MIT AND ISC'])(
    '%s is accepted',
    (licence) => {
      expect(of(licence)).toBe(null);
    },
  );

  test.each([
    'GPL-3.0-or-later',
    'AGPL-3.0-only',
    'SSPL-1.0',
    'BUSL-1.1',
    'CC-BY-NC-4.0',
    'UNLICENSED',
    'SEE LICENSE IN LICENSE.md',
    'MIT AND GPL-2.0-only',
    // Only for the library that sharp loads.
    'LGPL-3.0-or-later',
  ])('%s is refused by name', (licence) => {
    expect(of(licence)).toBe(`some is under ${licence}, which is not accepted`);
  });

  test('none at all is refused, and the LGPL is accepted for libvips alone', () => {
    expect(of('')).toBe('some states no licence');
    expect(of('LGPL-3.0-or-later', '@img/sharp-libvips-linux-x64')).toBe(null);
    expect(of('Apache-2.0 AND LGPL-3.0-or-later', '@img/sharp-win32-x64')).toBe(null);
  });
});
