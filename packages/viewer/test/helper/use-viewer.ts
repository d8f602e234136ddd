import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { startViewer, watchFaults, type Viewer } from './start-viewer.ts';

/** The viewer of a file of tests, and the page of the test that is running. */
export interface ViewerInUse {
  readonly viewer: Viewer;
  readonly page: Page;
}

/**
 * Starts the viewer for the tests of a `describe` block and opens an empty page for each test. A test fails
 * if its page reported an error or a warning, or sent a request to another server.
 *
 * @param fill writes the run that the viewer shows.
 */
export function useViewer(fill: (viewer: Viewer) => Promise<void>): ViewerInUse {
  const inUse = {} as { viewer: Viewer; page: Page };
  let faults: string[];

  beforeAll(async () => {
    inUse.viewer = await startViewer();
    await fill(inUse.viewer);
  }, 60_000);

  afterAll(async () => {
    await inUse.viewer?.close();
  });

  beforeEach(async () => {
    inUse.page = await inUse.viewer.context.newPage();
    faults = watchFaults(inUse.page, inUse.viewer.url);
  });

  afterEach(async () => {
    await inUse.page.close();
    expect(faults).toEqual([]);
  });

  return inUse;
}
