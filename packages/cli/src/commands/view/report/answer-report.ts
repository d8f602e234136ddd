import { certainties, isGradcamError, lineSelections } from '@gradcam/core';
import { isRunError } from '@gradcam/runs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { CommandError } from '../../../exit-codes.ts';
import { sendText } from '../send-file.ts';
import type { ImageChoice } from './choose-images.ts';
import { expectSize, MAX_DOCUMENT_BYTES, pageBytes, readPageParts } from './export-report.ts';
import { pictureFormats } from './picture-format.ts';
import { describeReport, estimateDocument, planReport } from './plan-report.ts';
import { renderDocument } from './write-report.ts';

/** Where the page asks for a report: its size in each format, and the document. */
export const reportNames = ['report.json', 'report.html'] as const;
export type ReportName = (typeof reportNames)[number];

/**
 * Answers a request for a report of the served run. The query has the fields of the page's own address: `q`,
 * `show`, `class`, `true`, `certainty`; and `format` for the document, which the browser saves.
 */
export async function answerReport(
  request: IncomingMessage,
  response: ServerResponse,
  { name, run, page }: { readonly name: ReportName; readonly run: string; readonly page: string },
): Promise<void> {
  const query = new URL(request.url ?? '', 'http://localhost').searchParams;
  const choice = readChoice(query);
  const format = pictureFormats.find((one) => one === (query.get('format') ?? 'kept'));
  if (choice === null || format === undefined) {
    return sendText(response, 400, 'the query of a report has a field with an unknown value');
  }
  try {
    const plan = await planReport(run, choice);
    const parts = await readPageParts(page);
    if (name === 'report.json') {
      const bytes: Record<string, number> = {};
      for (const one of pictureFormats) {
        bytes[one] = await estimateDocument(plan, one, pageBytes(parts));
      }
      const [images, missing] = [plan.lines.length, plan.missing.length];
      const sizes = { images, missing, most: MAX_DOCUMENT_BYTES, bytes };
      return sendText(response, 200, JSON.stringify(sizes), 'application/json');
    }
    await expectSize(plan, format, parts);
    response.writeHead(200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Disposition': 'attachment; filename="report.html"',
    });
    if (request.method === 'HEAD') response.end();
    else
      await pipeline(
        renderDocument({ ...describeReport(plan), files: plan.files, ...parts, format }),
        response,
      );
  } catch (error) {
    const isKnown = error instanceof CommandError || isGradcamError(error) || isRunError(error);
    if (!isKnown || response.headersSent) throw error;
    sendText(response, 422, error.message);
  }
}

/** @returns null for a value that no field takes. */
function readChoice(query: URLSearchParams): ImageChoice | null {
  const only = lineSelections.find((one) => one === (query.get('show') ?? 'all'));
  const certainty = certainties.find((one) => one === (query.get('certainty') ?? 'any'));
  if (only === undefined || certainty === undefined) return null;
  return {
    filter: query.get('q') ?? '',
    only,
    predicted: query.get('class') ?? undefined,
    truth: query.get('true') ?? undefined,
    certainty,
    limit: Infinity,
  };
}
