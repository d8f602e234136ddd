/** What the server says it has of a run beside its folder. */
export interface ServedRun {
  /** A second run, beside which the first is to be looked at. */
  readonly against: boolean;
  /**
   * Longest sides, in pixels and ascending, of the small versions it has of pictures; none if it
   * has none.
   */
  readonly thumbnailSides: readonly number[];
}

/** Asks the server; one of plain files, which does not say, has nothing more. */
export async function readServedRun(): Promise<ServedRun> {
  try {
    const response = await fetch('./served.json', { cache: 'no-store' });
    const served = response.ok ? ((await response.json()) as Partial<ServedRun>) : {};
    return { against: served.against === true, thumbnailSides: served.thumbnailSides ?? [] };
  } catch {
    return { against: false, thumbnailSides: [] };
  }
}
