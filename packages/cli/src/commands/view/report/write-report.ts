import type { FailureLine, ResultLine, RunFile } from '@gradcam/core';
import { readFoundFile, writeWholeAmongOthers } from '@gradcam/runs';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { CommandError, exitCodes } from '../../../exit-codes.ts';
import { dataTypeOf } from '../content-types.ts';
import type { EmbeddedFile } from './embed-files.ts';
import { encodePicture, isPicture, type PictureFormat } from './picture-format.ts';

/** Everything from which a report is made. */
export interface ReportParts {
  readonly run: RunFile;
  readonly lines: readonly (ResultLine | FailureLine)[];
  readonly files: readonly EmbeddedFile[];
  /** How the pictures among the files are encoded. */
  readonly format: PictureFormat;
  /** The viewer's script and style sheet. */
  readonly script: string;
  readonly style: string;
}

/**
 * Writes one HTML document that contains the page and the files, and needs neither a server nor a network:
 * its content security policy lets it load only what the document contains. The document is written whole or
 * not at all, and only one file at a time is in memory.
 *
 * @throws CommandError 74 if the document cannot be written, 65 if a file has changed since it was chosen.
 */
export async function writeReport(target: string, parts: ReportParts): Promise<void> {
  try {
    await writeWholeAmongOthers(target, async (handle) => {
      for await (const piece of renderReport(parts)) await handle.appendFile(piece);
    });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    throw new CommandError(exitCodes.cannotWrite, `${target}: cannot be written (${code})`, {
      cause,
    });
  }
}

/** The pieces of the document, one after the other. */
export async function* renderReport(parts: ReportParts): AsyncGenerator<string> {
  const { run, lines, files, style, format } = parts;
  // The browser ends a script at the first `</script`, even within a string, and `<!--` changes where a
  // script ends.
  const script = parts.script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(run.model.id)} – gradcam</title>
<style>${style}</style>
</head>
<body>
<div id="app"></div>
<script type="application/json" id="run-files">{`;
  yield jsonEntry('run.json', dataAddress('run.json', JSON.stringify(run)));
  const results = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  yield `,\n${jsonEntry('results.jsonl', dataAddress('results.jsonl', results))}`;
  for (const found of files) {
    const { path: name } = found;
    const content = await readFoundFile(found);
    const { bytes, type } = isPicture(found)
      ? await encodePicture(content, name, format)
      : { bytes: content, type: null };
    yield `,\n${jsonEntry(name, dataAddress(name, bytes, type))}`;
  }
  yield `}</script>\n<script>${script}</script>\n</body>\n</html>\n`;
}

function policyOf(script: string): string {
  const digest = createHash('sha256').update(script).digest('base64');
  return `default-src 'none'; script-src 'sha256-${digest}'; style-src 'unsafe-inline'; img-src data: blob:; connect-src data:`;
}

function dataAddress(
  name: string,
  content: string | Uint8Array,
  type: string | null = null,
): string {
  const known = type ?? dataTypeOf(path.basename(name)) ?? 'application/octet-stream';
  return `data:${known.replace(/;\s*/, ';')};base64,${Buffer.from(content).toString('base64')}`;
}

/** An entry of a JSON object in which `<` is escaped, so that it cannot end the script that contains it. */
function jsonEntry(key: string, value: string): string {
  return `${JSON.stringify(key)}:${JSON.stringify(value)}`.replaceAll('<', '\\u003c');
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
  return text.replace(/[&<>]/g, (character) => entities[character]!);
}
