import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { methods } from '../../src/methods/registry.ts';

const page = readFileSync(new URL('../../../../docs/methods.md', import.meta.url), 'utf8');

/** Text of each section by its heading, in one line, without the escapes of Markdown. */
const sections = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [heading = '', ...lines] = section.split(/^## /m)[0]!.split('\n');
      return [heading, lines.join(' ').replaceAll('\\', '').replace(/\s+/g, ' ')];
    }),
);

describe('docs/methods.md', () => {
  test('has a section for each method of the registry, in its order, and no other', () => {
    expect([...sections.keys()]).toEqual(methods.map(({ title }) => title));
  });

  test.each(methods.map((method) => [method.name, method] as const))(
    '%s: name, summary, paper and cost are the registry’s',
    (name, { title, aliases = [], summary, paper, cost }) => {
      const text = sections.get(title)!;
      for (const one of [name, ...aliases]) expect(text).toContain(`\`${one}\``);
      expect(text).toContain(summary);
      expect(text).toContain(`Paper: <${paper}>`);
      expect(text).toContain(`Cost: ${cost}`);
      expect(text).toMatch(/Formula: \S/);
    },
  );

  test('names tests that are there', () => {
    const files = [...page.matchAll(/`([\w/-]+\.test\.ts)`/g)].map(([, file]) => file!);
    expect(files.length).toBeGreaterThan(methods.length);
    const missing = files.filter((file) => !existsSync(new URL(`../${file}`, import.meta.url)));
    expect(missing).toEqual([]);
  });
});
