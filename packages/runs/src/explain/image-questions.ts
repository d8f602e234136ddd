/** The questions that a run asks about its images. */
export interface ImageQuestions {
  /** Hex sha256 of the table. Results with other questions belong to another run. */
  readonly digest: string;
  /** The question about an image; undefined where there is none. */
  find(image: string): string | undefined;
}
