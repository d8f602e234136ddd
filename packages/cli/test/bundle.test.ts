import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { root } from './run-command.ts';

const bundle = path.join(root, 'packages/cli/bundle');

/** A chunk and all that it imports when it is loaded, with the packages of npm. */
function listLoaded(chunk: string, loaded = new Set<string>()): Set<string> {
  if (loaded.has(chunk)) return loaded;
  loaded.add(chunk);
  if (!chunk.startsWith('./')) return loaded;
  const text = readFileSync(path.join(bundle, chunk), 'utf8');
  for (const [, name] of text.matchAll(/^(?:import|export)\b[^'"]*?["']([^"']+)["'];?$/gm)) {
    listLoaded(name!, loaded);
  }
  return loaded;
}

/** The chunk that is loaded when something of it is needed. */
function findLoadedLater(chunk: string, name: string): string {
  const text = readFileSync(path.join(bundle, chunk), 'utf8');
  const [, found] = new RegExp(`\\b${name} } = await import\\("([^"]+)"\\)`).exec(text) ?? [];
  if (found === undefined) throw new Error(`${chunk} does not import ${name}`);
  return found;
}

test('a command whose model needs no conversion does not load the converter', () => {
  const commandLine = findLoadedLater('./main.js', 'runCommandLine');
  const explain = findLoadedLater(commandLine, 'runExplain');
  const loaded = listLoaded(explain, listLoaded(commandLine));
  // The check sees what is loaded.
  expect(loaded).toContain('commander');
  expect(loaded.size).toBeGreaterThan(50);
  // The readers of the converter need one, its archives the other.
  expect([...loaded].filter((name) => /^(snappyjs|tar-stream)/.test(name))).toEqual([]);
});

test('nothing imports the thread of the model: it would start where there is no thread', () => {
  const text = readFileSync(path.join(bundle, 'thread-main.js'), 'utf8');
  const exported = [...text.matchAll(/^export \{(.*)\}/gm)].map(([, names]) => names!.trim());
  expect(exported.filter((names) => names !== '')).toEqual([]);
});
