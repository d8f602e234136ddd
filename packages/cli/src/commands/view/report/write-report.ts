import { readFoundFile, writeWholeAmongOthers } from '@gradcam/runs';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { CommandError, exitCodes } from '../../../exit-codes.ts';
import { dataTypeOf } from '../content-types.ts';
import type { EmbeddedFile } from './embed-files.ts';
import { encodePicture, isPicture, type PictureFormat } from './picture-format.ts';

/** Everything from which a document is made. */
export interface DocumentParts {
  /** The title of the browser's window. */
  readonly title: string;
  /** Texts by the names under which the page asks for them, such as `run.json`. */
  readonly texts: Readonly<Record<string, string>>;
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
 * @returns its size in bytes.
 * @throws CommandError 74 if the document cannot be written, 65 if a file has changed since it was chosen.
 */
export async function writeDocument(target: string, parts: DocumentParts): Promise<number> {
  let bytes = 0;
  try {
    await writeWholeAmongOthers(target, async (handle) => {
      for await (const piece of renderDocument(parts)) {
        bytes += Buffer.byteLength(piece);
        await handle.appendFile(piece);
      }
    });
    return bytes;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    throw new CommandError(exitCodes.cannotWrite, `${target}: cannot be written (${code})`, {
      cause,
    });
  }
}

/** The pieces of the document, one after the other. */
export async function* renderDocument(parts: DocumentParts): AsyncGenerator<string> {
  const { title, texts, files, style, format } = parts;
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
<title>${escapeHtml(title)} – gradcam</title>
<style>${style}</style>
</head>
<body>
<div id="app"></div>
<script type="application/json" id="run-files">{`;
  const entries = Object.entries(texts).map(([name, text]) =>
    jsonEntry(name, dataAddress(name, text)),
  );
  yield entries.join(',\n');
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
