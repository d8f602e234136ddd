/** What the server offers for a run in addition to its folder. */
export interface ServedRun {
  /** Whether there is a second run with which the first is compared. */
  readonly against: boolean;
  /** Whether the folder of the run has an evaluation, which has a page of its own. */
  readonly evaluation: boolean;
  /** Whether the server writes reports of the run. */
  readonly report: boolean;
  /** Ids of the models with which the live page can explain. */
  readonly models: readonly string[];
  /**
   * Longest sides, in pixels and ascending, of the small versions of pictures that the server offers; empty
   * if it offers none.
   */
  readonly thumbnailSides: readonly number[];
}

type Answer = Partial<Omit<ServedRun, 'models'>> & { readonly models?: readonly { id: string }[] };

/** Asks the server what it offers. A server of plain files gives no answer and offers nothing more. */
export async function readServedRun(): Promise<ServedRun> {
  try {
    const response = await fetch('./served.json', { cache: 'no-store' });
    const served = response.ok ? ((await response.json()) as Answer) : {};
    return {
      against: served.against === true,
      evaluation: served.evaluation === true,
      report: served.report === true,
      models: (served.models ?? []).map(({ id }) => id),
      thumbnailSides: served.thumbnailSides ?? [],
    };
  } catch {
    return { against: false, evaluation: false, report: false, models: [], thumbnailSides: [] };
  }
}
