import { createProgram } from '@gradcam/cli';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { listDocumented, readBlocks } from '../docs/code-blocks.mjs';
import { stages } from '../verify/docs/stages.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(path.join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  'demo/README.md',
  'examples/README.md',
];

function readPage(page: string): string {
  return readFileSync(path.join(root, page), 'utf8');
}

describe.each(pages)('%s', (page) => {
  test('links to files that are there', () => {
    const links = [...readPage(page).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(
      ([, link]) => link!,
    );
    const broken = links.filter(
      (link) => !/^[a-z]+:/.test(link) && !existsSync(path.join(root, path.dirname(page), link)),
    );
    expect(broken).toEqual([]);
  });

  test('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(readPage('package.json')) as { scripts: Record<string, string> };
    const named = [...readPage(page).matchAll(/npm run ([a-z:]+)/g)].map(([, script]) => script!);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});

describe('SECURITY.md', () => {
  const page = readPage('SECURITY.md');
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split('|').slice(1, -1));
  const linksIn = (cell: string): [string, string][] =>
    [...cell.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, text, file]) => [text!, file!]);

  test('names limits that the linked files define', () => {
    const named = rows.flatMap(([, , , limits]) => linksIn(limits!));
    expect(named.length).toBeGreaterThan(15);
    const gone = named.filter(([text, file]) => {
      const name = text.replaceAll('`', '');
      return !new RegExp(`\\bconst ${name}\\b`).test(readPage(file));
    });
    expect(gone).toEqual([]);
    // What is said of a limit elsewhere on the page is said of one in the table.
    const mentioned = [...page.matchAll(/`([A-Z_]{5,})`/g)].map(([, name]) => name!);
    const known = named.map(([text]) => text.replaceAll('`', ''));
    expect(mentioned.filter((name) => !known.includes(name))).toEqual([]);
  });

  test('names a test file for each input', () => {
    for (const row of rows) {
      const tests = linksIn(row[4]!).map(([, file]) => file);
      expect(
        tests.some((file) => file.endsWith('.test.ts')),
        row[0],
      ).toBe(true);
    }
  });
});

const { commands } = createProgram(() => {});

/** Command lines of the page's shell blocks; one that goes on in the next line is one. */
function commandLines(page: string): string[] {
  const blocks = [...readPage(page).matchAll(/```(?:sh)?\n([\s\S]*?)```/g)];
  const lines = blocks.flatMap(([, block]) => block!.replaceAll('\\\n', ' ').split('\n'));
  return lines.filter((line) => /\bgradcam [a-z]/.test(line));
}

test('command lines of the pages name commands and flags that are there', () => {
  const wrong = pages.flatMap((page) =>
    commandLines(page).filter((line) => {
      // What is behind a pipe or a comment sign is another program's.
      const [, name, rest = ''] = /\bgradcam ([a-z]+)([^|#]*)/.exec(line)!;
      const command = commands.find((one) => one.name() === name);
      const flags = [...rest.matchAll(/(?<=\s)--[a-z-]+/g)].map(([flag]) => flag);
      const known = command?.options.map(({ long }) => long) ?? [];
      return command === undefined || flags.some((flag) => !known.includes(flag));
    }),
  );
  expect(pages.flatMap(commandLines).length).toBeGreaterThan(30);
  expect(wrong).toEqual([]);
});

describe('every block of code', () => {
  const { pages: checked, sources } = listDocumented(root);
  const blocks = [...checked, ...sources].flatMap((file) => readBlocks(root, file));
  const told = (one: (typeof blocks)[number]): string => `${one.file}:${one.line}`;

  test('is run by tools/verify/run-docs.mjs or a test, or says above it why nothing runs it', () => {
    const runnable = ['sh', 'js', 'ts'];
    const left = blocks.filter(
      ({ file, language, test: by, reason }) =>
        by === null && reason === null && !(file in stages && runnable.includes(language)),
    );
    expect(left.map(told)).toEqual([]);
    expect(blocks.length).toBeGreaterThan(90);
  });

  test('names tests and pages that are there', () => {
    const gone = blocks.filter(({ test: by }) => by !== null && !existsSync(path.join(root, by)));
    expect(gone.map(told)).toEqual([]);
    const files = blocks.map(({ file }) => file);
    expect(Object.keys(stages).filter((file) => !files.includes(file))).toEqual([]);
  });
});

describe("the README's program", () => {
  // Inside of the repository, so that its imports resolve as a user's would.
  const folder = mkdtempSync(path.join(root, 'tools/test/.readme-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('runs, and writes an overlay for each class', { timeout: 120_000 }, async () => {
    const command = path.join(root, 'packages/cli/bin/gradcam.mjs');
    const options = { cwd: root, stdio: 'pipe' } as const;
    execFileSync(process.execPath, [command, 'fetch', 'demo-resnet', '--models', folder], options);
    const [, code] = /```js\n([\s\S]*?)```/.exec(readPage('README.md'))!;
    const program = path.join(folder, 'program.mjs');
    const output = path.relative(root, folder);
    writeFileSync(
      program,
      code!
        .replaceAll('demo-output/models/', `${output}/`)
        .replaceAll('demo-output/', `${output}/`),
    );
    execFileSync(process.execPath, [program], options);

    const scene = await sharp(path.join(root, 'demo/scenes/cat-and-dog.png')).raw().toBuffer();
    const overlays = await Promise.all(
      ['cat', 'dog'].map((label) =>
        sharp(path.join(folder, `${label}.png`))
          .raw()
          .toBuffer(),
      ),
    );
    // Two pictures of the scene's size that differ from it and from each other.
    for (const overlay of overlays) {
      expect(overlay.length).toBe(scene.length);
      expect(overlay.equals(scene)).toBe(false);
    }
    expect(overlays[0]!.equals(overlays[1]!)).toBe(false);
  });
});
