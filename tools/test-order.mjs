// @ts-check
import { BaseSequencer } from 'vitest/node';

/**
 * Files of tests that take minutes but hardly use their process, because a browser or another program works
 * for them. Begun last, they would go on when all other files have ended.
 */
const LONG = ['packages/core/test/browser/contract.test.ts', 'tools/test/fuzz.test.ts'];

/** The order in which files of tests begin: the long ones, then as Vitest has them. */
export class LongFirst extends BaseSequencer {
  /**
   * @override
   * @param {import('vitest/node').TestSpecification[]} files
   */
  async sort(files) {
    const sorted = await super.sort(files);
    /** @param {import('vitest/node').TestSpecification} file */
    const isLong = ({ moduleId }) => LONG.some((long) => moduleId.endsWith(long));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
