import { Linter } from 'eslint';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import tseslint from 'typescript-eslint';
import { afterAll, describe, expect, test } from 'vitest';
import { findCircles } from '../house/find-circles.mjs';
import { createHouseRules } from '../house/floors-rule.mjs';
import { cliFloors, coreFloors, faultOf, runsFloors, serviceFloors } from '../house/floors.mjs';
import { withPicture } from '../house/picture.mjs';
import { readImports } from '../house/read-imports.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = (name: string): string => path.join(root, 'packages', name, 'src');
const packages = ['core', 'converter', 'runs', 'service', 'cli', 'viewer'];

/** The imports of each package. Parsing takes a second for core, so it happens once, outside of the tests. */
const importsOf = new Map(packages.map((name) => [name, readImports(sources(name))]));

describe('the floors', () => {
  test.each([
    ['core', coreFloors, 1000],
    ['runs', runsFloors, 60],
    ['service', serviceFloors, 0],
    ['cli', cliFloors, 300],
  ])('of %s: every import leads down', (name, floors, least) => {
    const edges = importsOf.get(name)!;
    const faults = edges.map(({ from, to }) => ({ from, to, fault: faultOf(floors, from, to) }));
    expect(faults.filter(({ fault }) => fault !== null)).toEqual([]);
    expect(edges.length).toBeGreaterThanOrEqual(least);
  });

  test('ARCHITECTURE.md shows the wings as the imports are (node tools/house/write-picture.mjs)', () => {
    const page = readFileSync(path.join(root, 'ARCHITECTURE.md'), 'utf8');
    expect(withPicture(page, importsOf.get('core')!)).toBe(page);
  });
});

test.each(packages)('%s has no import circles, types included', (name) => {
  expect(findCircles(importsOf.get(name)!)).toEqual([]);
});

describe('the checks themselves', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'house-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('see every kind of import, and which of them are types', () => {
    mkdirSync(path.join(folder, 'a'));
    writeFileSync(
      path.join(folder, 'a/one.ts'),
      `import type { A } from '../two.ts';
       import { type B } from './three.ts';
       import { type C, d } from './four.ts';
       export { e } from '../two.ts';
       export type { F } from './three.ts';
       export * from './four.ts';
       import './five.ts';
       import fs from 'node:fs';
       const later = () => import('../two.ts');
       type G = import('./three.ts').G;
       // import { h } from './six.ts';`,
    );
    const found = readImports(folder).map(({ from, to, isType }) => [from, to, isType]);
    expect(found).toEqual([
      ['a/one.ts', 'two.ts', true],
      ['a/one.ts', 'a/three.ts', true],
      ['a/one.ts', 'a/four.ts', false],
      ['a/one.ts', 'two.ts', false],
      ['a/one.ts', 'a/three.ts', true],
      ['a/one.ts', 'a/four.ts', false],
      ['a/one.ts', 'a/five.ts', false],
      ['a/one.ts', 'two.ts', false],
      ['a/one.ts', 'a/three.ts', true],
    ]);
  });

  test('find circles of two and of three, and none in a diamond', () => {
    const edgesOf = (...pairs: string[]) => pairs.map((pair) => ({ from: pair[0]!, to: pair[1]! }));
    expect(findCircles(edgesOf('ab', 'ac', 'bd', 'cd'))).toEqual([]);
    expect(findCircles(edgesOf('ab', 'ba', 'bc', 'cd', 'de', 'ec'))).toEqual([
      ['c', 'd', 'e'],
      ['a', 'b'],
    ]);
  });

  test('an engine that imports a method or a model is an error of lint, its type too', () => {
    const linter = new Linter();
    const lint = (file: string, text: string): string[] =>
      linter
        .verify(
          text,
          [
            {
              files: ['**/*.ts'],
              languageOptions: { parser: tseslint.parser as Linter.Parser },
              plugins: { house: createHouseRules(sources('core'), coreFloors) },
              rules: { 'house/floors': 'error' },
            },
          ],
          path.join(sources('core'), file),
        )
        .map(({ message }) => message);
    const upward =
      'engines/tfjs must not import methods, which is not below it (tools/house/floors.mjs)';
    const engine = 'engines/tfjs/session.ts';
    expect(lint(engine, `import { a } from '../../methods/grid/grad-cam.ts';`)).toEqual([upward]);
    expect(lint(engine, `import type { A } from '../../methods/method.ts';`)).toEqual([upward]);
    expect(lint(engine, `type A = import('../../methods/method.ts').A;`)).toEqual([upward]);
    expect(lint(engine, `const a = import('../../methods/method.ts');`)).toEqual([upward]);
    expect(lint(engine, `export * from '../../model/model.ts';`)).toHaveLength(1);
    expect(lint(engine, `import { a } from '../onnx/session.ts';`)).toHaveLength(1);
    expect(lint(engine, `import { a } from '../../network/op.ts';\nimport './b.ts';`)).toEqual([]);
    expect(lint('attic/a.ts', `import { a } from '../network/op.ts';`)).toEqual([
      'attic/a.ts is in no wing: give its folder a floor in tools/house/floors.mjs',
    ]);
  });
});
