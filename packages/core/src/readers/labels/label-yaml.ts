import { GradcamError } from '../../base/errors.ts';
import { readLabelJson } from './label-json.ts';
import { orderNames } from './label-order.ts';

/** Whether a text is a YAML file with `names:` at the top level, like YOLO's data files. */
export function isLabelYaml(text: string): boolean {
  // The flag `m` would not do: it lets U+2028 end a line, which YAML does not.
  return /(?:^|[\r\n])names[ \t]*:/.test(text);
}

/**
 * The `names:` of such a file: a list (`- cat`), numbered names (`0: cat`), or brackets on one line
 * (`[cat, dog]`, `{0: cat}`). Only plain and quoted strings are read, and the rest of the file is
 * ignored.
 *
 * @throws GradcamError `argument` for any other YAML syntax (anchors, tags, strings over several lines,
 *   comments within a name), which would otherwise be read wrongly.
 */
export function readLabelYaml(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/);
  const start = lines.findIndex((line) => /^names[ \t]*:/.test(line));
  const inline = withoutComment(lines[start]!.replace(/^names[ \t]*:/, ''));
  const rest = lines.slice(start + 1);
  if (inline !== '') return readInline([inline, ...rest]);
  const end = rest.findIndex((line) => /^[^\s#-]/.test(line));
  const block = (end < 0 ? rest : rest.slice(0, end)).map(withoutComment).filter(Boolean);
  if (block.length > 0 && block.every((line) => /^-\s/.test(line))) {
    return block.map((line) => readText(line.slice(1).trim()));
  }
  const entries = block.map((line) => {
    const [, index, name] = /^(\d{1,9})\s*:\s+(.+)$/.exec(line) ?? refuse(line);
    return [Number(index), readText(name!)] as const;
  });
  return orderNames(entries, 'names:');
}

/** Reads `[cat, 'dog']` or `{0: cat, 1: dog}`, which may continue over several lines. */
function readInline(lines: readonly string[]): string[] {
  const close = lines[0]!.startsWith('[')
    ? ']'
    : lines[0]!.startsWith('{')
      ? '}'
      : refuse(lines[0]!);
  const end = lines.findIndex((line) => withoutComment(line).endsWith(close));
  if (end < 0) refuse(lines[0]!);
  const joined = lines
    .slice(0, end + 1)
    .map(withoutComment)
    .join(' ');
  const items = joined.slice(1, -1).match(/(?:"[^"]*"|'[^']*'|[^,"'])+/g) ?? [];
  const texts = items.map((item) => item.trim()).filter(Boolean);
  if (close === ']') return readLabelJson(texts.map(readText));
  const entries = texts.map((item) => {
    const [, index, name] = /^(\d{1,9})\s*:\s+(.+)$/.exec(item) ?? refuse(item);
    return [Number(index), readText(name!)] as const;
  });
  return orderNames(entries, 'names:');
}

/**
 * A line without surrounding spaces and without a comment at its end. A `#` inside a word does not
 * begin a comment.
 */
function withoutComment(line: string): string {
  return line.replace(/(^|\s)#.*$/, '').trim();
}

function readText(text: string): string {
  if (/^"[^"\\]*"$/.test(text) || /^'[^']*'$/.test(text)) return text.slice(1, -1);
  // In YAML these first characters have a special meaning, and a colon makes a pair.
  if (/^["'[\]{}>|*&!%@`]|:\s|:$/.test(text)) return refuse(text);
  return text;
}

function refuse(found: string): never {
  throw new GradcamError(
    'argument',
    `labels: expected YAML with names: as a list, as numbered names or in brackets; found ${JSON.stringify(found.trim().slice(0, 60))}`,
  );
}
