/** What the server says it has of a run beside its folder. */
export interface ServedRun {
  /** A second run, beside which the first is to be looked at. */
  readonly against: boolean;
  /** Small versions of large pictures. */
  readonly thumbnails: boolean;
}

/** Asks the server; one of plain files, which does not say, has nothing more. */
export async function readServedRun(): Promise<ServedRun> {
  try {
    const response = await fetch('./served.json', { cache: 'no-store' });
    const served = response.ok ? ((await response.json()) as Partial<ServedRun>) : {};
    return { against: served.against === true, thumbnails: served.thumbnails === true };
  } catch {
    return { against: false, thumbnails: false };
  }
}
