import { describe, expect, test } from 'vitest';
import type { FailureLine, ResultLine } from '@gradcam/core';
import { initialState, reduceState, type State } from '../src/state/state.ts';
import { defaultView } from '../src/state/view.ts';
import { planRun } from './helper/synthetic-run.ts';

const failure: FailureLine = { image: 'a/broken.png', error: 'not a PNG' };
const success: ResultLine = {
  image: 'a/cat.png',
  sha256: '',
  width: 1,
  height: 1,
  predictions: [],
  explanations: [],
  ms: 1,
};
const opened = reduceState(initialState(defaultView), {
  type: 'run-read',
  loaded: { kind: 'open', run: planRun('running'), lines: [failure], leftOut: [] },
});

function entriesOf({ run }: State): readonly string[] {
  return run.kind === 'open' ? run.entries.map(({ kind, name }) => `${kind} ${name}`) : [];
}

describe('reading a run', () => {
  test('an opened run lists its images', () => {
    expect(entriesOf(opened)).toEqual(['failed broken.png']);
  });

  test('lines that came since are added', () => {
    const later = reduceState(opened, {
      type: 'run-read',
      loaded: { kind: 'open', run: planRun('done'), lines: [failure, success], leftOut: [] },
    });
    expect(entriesOf(later)).toEqual(['failed broken.png', 'explained cat.png']);
  });

  test('nothing new leaves the state as it is, so that nothing is drawn again', () => {
    const again = reduceState(opened, {
      type: 'run-read',
      loaded: { kind: 'open', run: planRun('running'), lines: [failure], leftOut: [] },
    });
    expect(again.run).toBe(opened.run);
  });

  test('a run that was read stays on the page when the server goes, and says so', () => {
    const stale = reduceState(opened, { type: 'run-read', loaded: { kind: 'unreachable' } });
    expect(entriesOf(stale)).toEqual(entriesOf(opened));
    expect(stale.run).toMatchObject({ staleBecause: 'the server does not answer' });
    const back = reduceState(stale, {
      type: 'run-read',
      loaded: { kind: 'open', run: planRun('running'), lines: [failure], leftOut: [] },
    });
    expect(back.run).toMatchObject({ staleBecause: null });
  });

  test.each(['missing', 'unreachable'] as const)('without a run the page is %s', (kind) => {
    const state = reduceState(initialState(defaultView), { type: 'run-read', loaded: { kind } });
    expect(state.run).toEqual({ kind });
  });
});

describe('the view', () => {
  test('opening an image chooses its explanation, closing forgets it', () => {
    const open = reduceState(opened, {
      type: 'image-opened',
      image: 'a/cat.png',
      explanation: 'grad-cam/block4/class:0',
    });
    expect(open.view).toMatchObject({
      image: 'a/cat.png',
      explanation: 'grad-cam/block4/class:0',
    });
    expect(reduceState(open, { type: 'image-closed' }).view).toEqual(defaultView);
  });

  test('a followed link replaces the whole view and leaves the run alone', () => {
    const view = { ...defaultView, query: 'dog', selection: 'failed' } as const;
    const state = reduceState(opened, { type: 'link-followed', view });
    expect(state.view).toBe(view);
    expect(state.run).toBe(opened.run);
  });
});
