import { writePermalink } from '../state/permalink.ts';
import { defaultView, type View } from '../state/view.ts';

/** How the server may encode the pictures of a report: as they are in the run, or smaller. */
export const reportFormats = ['kept', 'webp', 'jpeg'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** How large a report would be. */
export interface ReportSizes {
  readonly images: number;
  /** How many files of these images are not in the run folder, and so not in the document. */
  readonly missing: number;
  /** The most bytes of a document; the server refuses a larger one. */
  readonly most: number;
  /** Expected bytes of the document in each format. */
  readonly bytes: Readonly<Record<ReportFormat, number>>;
}

/** The address at which the server writes the report of the images that pass the view's filters. */
export function reportAddress(view: View, format: ReportFormat): string {
  return `./report.html?${queryOf(view, format)}`;
}

/**
 * Asks the server how large the report of the shown images would be.
 *
 * @throws Error with a line for the reader.
 */
export async function readReportSizes(view: View, signal: AbortSignal): Promise<ReportSizes> {
  const response = await fetch(`./report.json?${queryOf(view, 'kept')}`, { signal });
  if (response.ok) return (await response.json()) as ReportSizes;
  throw new Error(`the size is not known: ${(await response.text()).trim()}`);
}

/** The filters as the page's own address has them, and the format. */
function queryOf(view: View, format: ReportFormat): string {
  const { query, selection, predicted, truth, certainty } = view;
  const filters = { ...defaultView, query, selection, predicted, truth, certainty };
  const parameters = new URLSearchParams(writePermalink(filters).replace(/^#/, ''));
  parameters.set('format', format);
  return parameters.toString();
}
