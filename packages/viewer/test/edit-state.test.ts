import { expect, test } from 'vitest';
import { noEdits, reduceEdits, type EditAction, type EditState } from '../src/live/edit-state.ts';
import { explainedImage, initialLiveState, type LiveState } from '../src/live/live-state.ts';
import { defaultLiveView } from '../src/live/live-view.ts';
import { findLookedAt } from '../src/live/looked-at.ts';
import { reduceLiveState, type LiveAction } from '../src/live/reduce-live-state.ts';
import type { LiveExplanation } from '../src/worker/protocol.ts';

const size = { width: 90, height: 60 };
const decoded = { ...size, preview: { width: 1, height: 1, data: new Uint8ClampedArray(4) } };

function edited(...actions: EditAction[]): EditState {
  return actions.reduce((state, action) => reduceEdits(state, action, size), noEdits);
}

test('a patch is offered in the middle, placed inside the image, and edited', () => {
  expect(edited({ type: 'begun' }).patch).toEqual({ x: 30, y: 20, width: 30, height: 20 });
  const patch = { x: 80, y: 0, width: 20, height: 20 };
  const state = edited(
    { type: 'begun' },
    { type: 'placed', patch },
    { type: 'erased', how: 'gray' },
  );
  const placed = { x: 70, y: 0, width: 20, height: 20 };
  expect(state.edits).toEqual([{ kind: 'gray', patch: placed }]);
});

test('a moved patch is put where it was placed, and the next edit takes it up there', () => {
  const begun = edited({ type: 'begun' }, { type: 'move-begun' });
  const to = { x: 0, y: 5, width: 1, height: 1 };
  const moving = reduceEdits(begun, { type: 'placed', patch: to }, size);
  expect(moving.destination).toEqual({ x: 0, y: 5 });
  const cancelled = reduceEdits(moving, { type: 'move-cancelled' }, size);
  expect(cancelled).toMatchObject({ destination: null, edits: [], patch: { x: 30, y: 20 } });
  const moved = reduceEdits(moving, { type: 'move-ended' }, size);
  const patch = { x: 30, y: 20, width: 30, height: 20 };
  expect(moved.edits).toEqual([{ kind: 'move', patch, to: { x: 0, y: 5 } }]);
  expect(moved.patch).toEqual({ x: 0, y: 5, width: 30, height: 20 });
});

test('a patch that was moved nowhere is no edit', () => {
  const state = edited({ type: 'begun' }, { type: 'move-begun' }, { type: 'move-ended' });
  expect(state).toMatchObject({ edits: [], destination: null });
});

test('undo takes back one edit and gives its patch back, undo all takes back the rest', () => {
  const erase = { type: 'erased', how: 'mean' } as const;
  const patch = { x: 0, y: 0, width: 5, height: 5 };
  const two = edited({ type: 'begun' }, erase, { type: 'placed', patch }, erase);
  expect(two.edits.length).toBe(2);
  const one = reduceEdits(two, { type: 'undone' }, size);
  expect(one.edits).toEqual(two.edits.slice(0, 1));
  expect(one.patch).toEqual(patch);
  expect(reduceEdits(two, { type: 'all-undone' }, size).edits).toEqual([]);
  expect(reduceEdits(noEdits, { type: 'undone' }, size)).toBe(noEdits);
});

const source = { blob: new Blob(['x']), name: 'cat.png' };

/** An explanation of a class, of which nothing else is looked at. */
function explanationOf(index: number): LiveExplanation {
  return {
    line: { explanations: [{ target: { kind: 'class', index } }] },
  } as unknown as LiveExplanation;
}

function after(state: LiveState, ...actions: LiveAction[]): LiveState {
  return actions.reduce(reduceLiveState, state);
}

const given = explanationOf(3);
const explained = after(
  initialLiveState(defaultLiveView),
  { type: 'image-given', source, sample: null },
  { type: 'image-changed', image: { kind: 'ready', source, decoded } },
  { type: 'explained', explanation: given },
);
const erased = after(
  explained,
  { type: 'edit', edit: { type: 'begun' } },
  { type: 'edit', edit: { type: 'erased', how: 'mean' } },
);

test('the first edit keeps the map for the comparison and the class that it explains', () => {
  expect(explained.view.target).toBe('top1');
  expect(erased.view.target).toBe('3');
  expect(erased.explanation).toMatchObject({ shown: null, unedited: given });
  // Nothing is explained before the worker has applied the edits.
  expect(explainedImage(explained)).toBe(decoded);
  expect(explainedImage(erased)).toBe(null);
  const small = { ...decoded };
  const { edits } = erased.editing;
  const ready = after(erased, { type: 'image-edited', edited: { edits, decoded: small } });
  expect(explainedImage(ready)).toBe(small);
  // The answer to an earlier request comes too late.
  const twice = after(ready, { type: 'edit', edit: { type: 'erased', how: 'gray' } });
  const late = after(twice, { type: 'image-edited', edited: { edits, decoded: small } });
  expect(explainedImage(late)).toBe(null);
  expect(twice.explanation.unedited).toBe(given);
});

test('a target that a reader named stays', () => {
  const named = after(
    explained,
    { type: 'view-changed', change: { target: 'cat:dog' } },
    { type: 'explained', explanation: given },
    { type: 'edit', edit: { type: 'begun' } },
    { type: 'edit', edit: { type: 'erased', how: 'mean' } },
  );
  expect(named.view.target).toBe('cat:dog');
});

test('another method, class or model is not compared with the map of the former one', () => {
  const both = after(erased, { type: 'explained', explanation: explanationOf(3) });
  expect(both.explanation.unedited).toBe(given);
  const asked = after(both, { type: 'view-changed', change: { method: 'layer-cam' } });
  expect(asked.explanation.unedited).toBe(null);
  const shown = after(both, { type: 'view-changed', change: { opacity: 0.2 } });
  expect(shown.explanation.unedited).toBe(given);
  const linked = after(both, { type: 'link-followed', view: defaultLiveView });
  expect(linked.explanation.unedited).toBe(null);
  const model = after(both, { type: 'model-changed', model: { kind: 'none' } });
  expect(model.explanation.unedited).toBe(null);
  // The edits stay: they are of the image.
  expect(model.editing.edits.length).toBe(1);
});

test('another image has no edits', () => {
  const other = after(erased, { type: 'image-given', source, sample: null });
  expect(other.editing).toBe(noEdits);
  expect(other.edited).toBe(null);
});

test('a map that something else was asked for in the meantime is not compared with', () => {
  const asked = after(explained, { type: 'view-changed', change: { method: 'score-cam' } });
  const tooEarly = after(
    asked,
    { type: 'edit', edit: { type: 'begun' } },
    { type: 'edit', edit: { type: 'erased', how: 'mean' } },
  );
  expect(tooEarly.explanation.unedited).toBe(null);
  // The class of the old map may be another one than the view asks for.
  expect(tooEarly.view.target).toBe('top1');
  // The page then computes both.
  const [edited, unedited] = [explanationOf(3), explanationOf(3)];
  const both = after(tooEarly, { type: 'explained', explanation: edited, unedited });
  expect(both.explanation).toMatchObject({ shown: edited, unedited, isCurrent: true });
});

test('the picture that is looked at is the edited one, the unedited one or their difference', () => {
  const shown = explanationOf(4);
  const state = after(erased, { type: 'explained', explanation: shown });
  const look = (of: LiveState, view?: 'given' | 'difference') => {
    const { image, ...rest } = view === undefined ? of : chooseView(of, view);
    if (image.kind !== 'ready') throw new Error('the image is ready');
    const { picture, subtracted, kind } = findLookedAt({ image, ...rest }, image);
    return { kind, of: picture.shown, less: subtracted?.shown ?? null };
  };
  expect(look(explained)).toEqual({ kind: null, of: given, less: null });
  expect(look(state)).toEqual({ kind: 'edited', of: shown, less: null });
  expect(look(state, 'given')).toEqual({ kind: 'unedited', of: given, less: null });
  expect(look(state, 'difference')).toEqual({ kind: 'difference', of: shown, less: given });
  // Without the second map there is no difference yet.
  expect(look(erased, 'difference')).toEqual({ kind: 'edited', of: null, less: null });
});

function chooseView(state: LiveState, view: 'given' | 'difference'): LiveState {
  return after(state, { type: 'edit', edit: { type: 'view-chosen', view } });
}
