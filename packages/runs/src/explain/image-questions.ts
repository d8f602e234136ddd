/** An image that a run explains, with the question that a table asks about it. */
export interface AskedImage {
  /** Path or web address. */
  readonly image: string;
  /** Absent where all images are explained alike. */
  readonly question?: string | undefined;
}

/** The questions that a run asks about its images. */
export interface ImageQuestions {
  /** Hex sha256 of the table. Results with other questions belong to another run. */
  readonly digest: string;
  /** The questions about an image, in the order of the table; none where it has no row. */
  find(image: string): readonly string[];
}
