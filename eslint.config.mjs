// @ts-check
import nx from '@nx/eslint-plugin';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { fileURLToPath } from 'node:url';
import { createHouseRules } from './tools/house/floors-rule.mjs';
import { cliFloors, coreFloors, runsFloors, serviceFloors } from './tools/house/floors.mjs';

const nodeOnly = ['node:*', 'fs', 'path', 'sharp'];
const browserGlobals = ['window', 'document', 'navigator', 'fetch', 'createImageBitmap'];
const nodeGlobals = ['process', 'Buffer', '__dirname', 'require'];

/** @param {string} name of a package */
const sourcesOf = (name) => fileURLToPath(new URL(`packages/${name}/src`, import.meta.url));

export default defineConfig(
  globalIgnores([
    '**/dist/',
    'packages/cli/bundle/',
    '**/dist-test/',
    '.nx/',
    'site/',
    '**/fixtures/',
  ]),
  tseslint.configs.recommended,
  {
    files: ['packages/*/{src,test}/**/*.{ts,tsx}'],
    plugins: { '@nx': nx },
    rules: {
      'func-style': ['error', 'declaration', { allowArrowFunctions: true }],
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: true,
          allowCircularSelfDependency: true, // tests import their package by name
          checkDynamicDependenciesExceptions: ['.*'], // engines are loaded when they are used
          depConstraints: [
            { sourceTag: 'scope:core', onlyDependOnLibsWithTags: ['scope:core'] },
            { sourceTag: 'scope:converter', onlyDependOnLibsWithTags: ['scope:converter'] },
            { sourceTag: 'scope:runs', onlyDependOnLibsWithTags: ['scope:core'] },
            { sourceTag: 'scope:service', onlyDependOnLibsWithTags: ['scope:runs', 'scope:core'] },
            {
              sourceTag: 'scope:cli',
              onlyDependOnLibsWithTags: [
                'scope:service',
                'scope:runs',
                'scope:core',
                'scope:converter',
                'scope:viewer',
              ],
            },
            {
              sourceTag: 'scope:viewer',
              onlyDependOnLibsWithTags: ['scope:core', 'scope:converter'],
            },
          ],
        },
      ],
    },
  },
  {
    // The wings of core, floor above floor: engines never import methods or a model.
    files: ['packages/core/src/**/*.ts'],
    plugins: { house: createHouseRules(sourcesOf('core'), coreFloors) },
    rules: { 'house/floors': 'error' },
  },
  {
    // Those of a run's folder: what is made of a run does not know what else is made of it.
    files: ['packages/runs/src/**/*.ts'],
    plugins: { house: createHouseRules(sourcesOf('runs'), runsFloors) },
    rules: { 'house/floors': 'error' },
  },
  {
    // Those of the service: HTTP and the fleet do not know each other.
    files: ['packages/service/src/**/*.ts'],
    plugins: { house: createHouseRules(sourcesOf('service'), serviceFloors) },
    rules: { 'house/floors': 'error' },
  },
  {
    // Those of the command: no command imports another.
    files: ['packages/cli/src/**/*.ts'],
    plugins: { house: createHouseRules(sourcesOf('cli'), cliFloors) },
    rules: { 'house/floors': 'error' },
  },
  {
    // core is pure; only its /node entry may know Node, only /browser the DOM.
    files: ['packages/core/src/**/*.ts'],
    ignores: ['packages/core/src/node/**', 'packages/core/src/browser/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [...nodeOnly, '*/node/*', '*/browser/*', '**/node/index.ts'] },
      ],
      'no-restricted-globals': ['error', ...nodeGlobals, ...browserGlobals],
    },
  },
  {
    files: ['packages/core/src/**/*.ts'],
    ignores: [
      'packages/core/src/engines/**',
      'packages/core/src/node/**',
      'packages/core/src/browser/**',
    ],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [{ group: ['@tensorflow/*', 'onnxruntime-*', ...nodeOnly] }] },
      ],
    },
  },
  {
    // The format readers work wherever a Uint8Array does; files and sockets live in node/ and tasks/.
    files: ['packages/converter/src/**/*.ts'],
    ignores: ['packages/converter/src/node/**', 'packages/converter/src/tasks/**'],
    rules: {
      'no-restricted-imports': ['error', { patterns: nodeOnly }],
      'no-restricted-globals': ['error', ...nodeGlobals, ...browserGlobals],
    },
  },
  {
    // files/find-run-file.ts alone finds what a run's lines name: modules that handle lines open no files.
    files: [
      'packages/runs/src/{annotations,explain,paint,run,sheet,sweep}/**/*.ts',
      'packages/cli/src/commands/{explain,view/report}/**/*.ts',
    ],
    ignores: [
      // It joins names of its own to the run's folder: run.json, results.jsonl, images/.
      'packages/runs/src/run/open-run.ts',
      // The built page, and files that were found.
      'packages/cli/src/commands/view/report/{export,write}-report.ts',
    ],
    rules: { 'no-restricted-imports': ['error', { patterns: ['node:fs', 'node:fs/*', 'fs'] }] },
  },
  {
    files: ['packages/viewer/src/**/*.{ts,tsx}'],
    rules: { 'no-restricted-imports': ['error', { patterns: nodeOnly }] },
  },
  {
    // Comments are read, so they stay narrow; Prettier wraps code alone.
    files: ['packages/*/src/**/*.{ts,tsx}', 'tools/**/*.mjs'],
    rules: { 'max-len': ['error', { code: 10_000, comments: 110, ignoreUrls: true }] },
  },
  {
    // One word for a test.
    files: ['packages/*/test/**/*.{ts,tsx}', 'tools/test/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { paths: [{ name: 'vitest', importNames: ['it'], message: 'write test(..) instead' }] },
      ],
    },
  },
);
