/** The true class of an image. */
export interface TrueClass {
  readonly index: number;
  readonly label?: string;
}

/** The true classes of a run's images. */
export interface GroundTruth {
  /**
   * Hex sha256 of the table, or of the folder's name. Results with other true classes belong to another
   * run.
   */
  readonly digest: string;
  /**
   * The class of an image; undefined where nothing states it.
   *
   * @param question the question about the image, where a table states the answers to questions.
   */
  find(image: string, question?: string): TrueClass | undefined;
}
