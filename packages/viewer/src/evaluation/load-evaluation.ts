import {
  isFailure,
  parseResults,
  questionOfLine,
  type ResultExplanation,
  type ResultLine,
} from '@gradcam/core';
import { fileAddress } from '../run/file-address.ts';
import type { EvaluatedImage, Evaluation } from './evaluation.ts';
import { EvaluationError, parseEvaluatedImages, parseEvaluation } from './parse-evaluation.ts';

/** What the page shows of a folder. */
export type LoadedEvaluation =
  | { readonly kind: 'loading' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'broken'; readonly message: string }
  | {
      readonly kind: 'open';
      readonly evaluation: Evaluation;
      readonly images: readonly EvaluatedImage[];
      /** The lines of the run in the same folder by {@link pictureKey}; empty without a run. */
      readonly lines: ReadonlyMap<string, ResultLine>;
    };

/** Reads the evaluation of a folder, and the run in it whose maps were evaluated. */
export async function loadEvaluation(base: string): Promise<LoadedEvaluation> {
  try {
    const table = await read(fileAddress(base, 'evaluation.json'));
    if (table === null) return { kind: 'missing' };
    const [lines, results] = await Promise.all([
      read(fileAddress(base, 'evaluation.jsonl')),
      read(fileAddress(base, 'results.jsonl')),
    ]);
    return {
      kind: 'open',
      evaluation: parseEvaluation(table),
      images: lines === null ? [] : parseEvaluatedImages(lines),
      lines: results === null ? new Map() : indexLines(results),
    };
  } catch (error) {
    if (error instanceof EvaluationError) return { kind: 'broken', message: error.message };
    return { kind: 'broken', message: `the folder cannot be read: ${String(error)}` };
  }
}

/** Identifies a picture by its sha256, with the question about it. */
export function pictureKey(sha256: string, question: string | undefined): string {
  return question === undefined ? sha256 : `${sha256} ${question}`;
}

/** The map that was evaluated, in the run of the same folder; undefined where that run has none. */
export function findMap(
  line: ResultLine | undefined,
  row: string,
  classIndex: number,
): ResultExplanation | undefined {
  return line?.explanations.find(
    ({ method, target }) =>
      method === row && target.kind === 'class' && target.index === classIndex,
  );
}

/** The largest file that the page reads. A browser's longest text has about twice as many characters. */
const MAX_EVALUATION_BYTES = 2 ** 28;

async function read(address: string): Promise<string | null> {
  const response = await fetch(address, { cache: 'no-store' });
  if (response.status === 404) return null;
  const bytes = Number(response.headers.get('Content-Length') ?? 0);
  if (bytes > MAX_EVALUATION_BYTES) {
    await response.body?.cancel();
    throw new EvaluationError(
      `${address}: the file has ${bytes} bytes, and the page reads at most ${MAX_EVALUATION_BYTES}; evaluation.md has the table`,
    );
  }
  if (response.ok) return response.text();
  throw new EvaluationError(`${address}: the server answered with HTTP status ${response.status}`);
}

/** A run that is damaged only costs the page its pictures. */
function indexLines(text: string): ReadonlyMap<string, ResultLine> {
  try {
    const { lines } = parseResults(text);
    return new Map(
      lines.flatMap((line) =>
        isFailure(line) ? [] : [[pictureKey(line.sha256, questionOfLine(line)), line] as const],
      ),
    );
  } catch {
    return new Map();
  }
}
