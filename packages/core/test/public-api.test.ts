import { describe, expect, test } from 'vitest';
import * as browser from '@gradcam/core/browser';
import * as evidence from '@gradcam/core/evidence';
import * as exporting from '@gradcam/core/export';
import * as node from '@gradcam/core/node';
import * as root from '@gradcam/core';
import * as tfjs from '@gradcam/core/tfjs';

/** What an entry offers at run time; a change here is a change for users. */
describe('entries', () => {
  test.each([
    ['.', root],
    ['./browser', browser],
    ['./evidence', evidence],
    ['./export', exporting],
    ['./node', node],
    ['./tfjs', tfjs],
  ])('%s', (_, entry) => {
    expect(Object.keys(entry).sort()).toMatchSnapshot();
  });
});
