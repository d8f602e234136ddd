/**
 * Whether the server has a second run, beside which the first is to be looked at. A server of plain
 * files, which does not say, has none.
 */
export async function hasOtherRun(): Promise<boolean> {
  try {
    const response = await fetch('./served.json', { cache: 'no-store' });
    return response.ok && ((await response.json()) as { against?: boolean }).against === true;
  } catch {
    return false;
  }
}
