import { choiceField, createPermalinks, textField } from '../state/permalink-fields.ts';

const directions = ['ascending', 'descending'] as const;

/** Everything that a permalink of the page of an evaluation contains. */
export interface EvaluationView {
  /** The column by which the table is sorted; null for the order of the file. */
  readonly sort: string | null;
  readonly direction: (typeof directions)[number];
  /** Rows whose curves are not drawn, with commas between. */
  readonly hidden: string;
  /** The image whose numbers are shown; null for the first. */
  readonly image: string | null;
}

export const { write: writeEvaluationLink, read: readEvaluationLink } =
  createPermalinks<EvaluationView>(
    {
      sort: textField('sort'),
      direction: choiceField('direction', directions),
      hidden: textField('hidden'),
      image: textField('image'),
    },
    { sort: null, direction: 'ascending', hidden: '', image: null },
  );
