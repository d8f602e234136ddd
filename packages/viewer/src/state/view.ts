/** Which images the grid shows, before the text filter. */
export const selections = ['all', 'failed', 'blank'] as const;
export type Selection = (typeof selections)[number];

/** Kinds of picture that a run can hold of an explanation. */
export const pictureKinds = ['overlay', 'heatmap', 'original'] as const;
export type PictureKind = (typeof pictureKinds)[number];

/** All that a permalink holds: what the page shows of a run. */
export interface View {
  readonly query: string;
  readonly selection: Selection;
  /** The enlarged image. */
  readonly image: string | null;
  /** The enlarged image's explanation, see `explanationKey`; null for the first. */
  readonly explanation: string | null;
  readonly picture: PictureKind;
  /** Whether boxes and peaks are drawn. */
  readonly marks: boolean;
}

/** The view of a page that is opened without a permalink. */
export const defaultView: View = {
  query: '',
  selection: 'all',
  image: null,
  explanation: null,
  picture: 'overlay',
  marks: true,
};
