import { wrapText } from '../src/live/legend-canvas.ts';
import { expect, test } from 'vitest';
import {
  explainedTarget,
  initialLiveState,
  lacksQuestion,
  missingFile,
  noExplanation,
  wantedDrop,
  wantedModel,
  type ImageSource,
  type LiveState,
} from '../src/live/live-state.ts';
import { reduceLiveState, type LiveAction } from '../src/live/reduce-live-state.ts';
import { defaultLiveView, readLiveLink, writeLiveLink } from '../src/live/live-view.ts';
import type { LiveExplanation, LayerStrip } from '../src/worker/protocol.ts';

const source: ImageSource = { blob: new Blob(['x']), name: 'cat.png' };
const decoded = {
  width: 1,
  height: 1,
  preview: { width: 1, height: 1, data: new Uint8ClampedArray(4) },
};
// Nothing of these is looked at: they are passed on.
const explanation = { line: {}, raw: {}, geometry: {} } as unknown as LiveExplanation;
const strip = { method: 'grad-cam', maps: [] } as unknown as LayerStrip;

function after(state: LiveState, ...actions: LiveAction[]): LiveState {
  return actions.reduce(reduceLiveState, state);
}

const explained = after(
  initialLiveState(defaultLiveView),
  { type: 'image-given', source, sample: null },
  { type: 'image-changed', image: { kind: 'ready', source, decoded } },
  { type: 'explained', explanation },
  { type: 'strip-drawn', strip },
);

test('the wanted model is the view’s, else the one that the page begins with', () => {
  const served = { kind: 'ready', run: false, models: ['a', 'b'], first: 'a' } as const;
  const state = after(initialLiveState(defaultLiveView), { type: 'served-read', served });
  expect(wantedModel(initialLiveState(defaultLiveView))).toBe(null);
  expect(wantedModel(state)).toBe('a');
  const chosen = after(state, { type: 'view-changed', change: { model: 'b' } });
  expect(wantedModel(chosen)).toBe('b');
});

test('another model forgets layer, class and stated input, which were of the last one', () => {
  const asked = after(explained, {
    type: 'view-changed',
    change: {
      ...{ model: 'a', layer: 'block4', target: '3', method: 'layer-cam' },
      ...{ inputRange: '-1..1', inputSize: '64x48', output: 'kind' },
    },
  });
  expect(asked.view).toMatchObject({ layer: 'block4', target: '3', inputRange: '-1..1' });
  const other = after(asked, { type: 'view-changed', change: { model: 'b' } });
  expect(other.view).toMatchObject({
    model: 'b',
    layer: 'auto',
    target: 'top1',
    inputRange: null,
    inputSize: null,
    output: null,
    method: 'layer-cam',
  });
});

test('a dropped model is wanted until another is chosen; it stays in the menu', () => {
  const dropped = { name: 'model.onnx', files: [{ path: 'model.onnx', blob: new Blob(['x']) }] };
  const asked = after(explained, {
    type: 'view-changed',
    change: { model: 'a', layer: 'block4', target: '3', inputRange: '-1..1' },
  });
  const given = after(asked, { type: 'model-dropped', dropped });
  expect(wantedModel(given)).toBe('file:model.onnx');
  expect(wantedDrop(given)).toBe(dropped);
  expect(given.view).toMatchObject({ layer: 'auto', target: 'top1', inputRange: null });
  expect(given.explanation.shown).toBe(null);
  const stated = after(given, { type: 'view-changed', change: { layer: 'layer2' } });
  // Another file of the same name has other layers.
  const again = after(stated, { type: 'model-dropped', dropped: { ...dropped } });
  expect(again.view.layer).toBe('auto');
  const other = after(given, { type: 'view-changed', change: { model: 'a' } });
  expect(wantedDrop(other)).toBe(null);
  expect(other.dropped).toBe(dropped);
});

test('a link to a dropped model names the file that is missing', () => {
  const linked = initialLiveState(readLiveLink('#model=file%3Anet.onnx'));
  expect(missingFile(linked)).toBe('net.onnx');
  const files = [{ path: 'net.onnx', blob: new Blob(['x']) }];
  const given = after(linked, { type: 'model-dropped', dropped: { name: 'net.onnx', files } });
  expect(missingFile(given)).toBe(null);
  expect(missingFile(initialLiveState(defaultLiveView))).toBe(null);
});

test('another image takes the map of the last one off, and its class', () => {
  const asked = after(explained, { type: 'view-changed', change: { target: '3' } });
  const next = after(asked, { type: 'image-given', source, sample: 'garden' });
  expect(next.explanation).toEqual(noExplanation);
  expect(next.view).toMatchObject({ target: 'top1', sample: 'garden' });
});

test('an image of the run comes with its name and the asked class; the next image replaces it', () => {
  const linked = initialLiveState(readLiveLink('#target=0:1&image=ab12&name=a.png'));
  expect(linked.view).toMatchObject({ original: 'ab12', originalName: 'a.png', target: '0:1' });
  const original = { sha256: 'ab12', name: 'a.png' };
  const given = after(linked, { type: 'image-given', source, sample: null, original });
  expect(given.view).toMatchObject({ original: 'ab12', originalName: 'a.png', target: '0:1' });
  const next = after(given, { type: 'image-given', source, sample: null });
  expect(next.view).toMatchObject({ original: null, originalName: null, target: 'top1' });
});

test('the first image keeps the class of the permalink', () => {
  const linked = initialLiveState(readLiveLink('#target=dog&sample=garden'));
  const given = after(linked, { type: 'image-given', source, sample: 'garden' });
  expect(given.view.target).toBe('dog');
});

test('a map stays while the next one is computed, and when it fails', () => {
  const busy = after(explained, { type: 'work-changed', work: { kind: 'busy', progress: null } });
  expect(busy.explanation.shown).toBe(explanation);
  const work = { kind: 'failed', message: 'no class' } as const;
  const failed = after(busy, { type: 'work-changed', work });
  expect(failed.explanation).toMatchObject({ shown: explanation, work });
});

test('what was cancelled stays so through a new worker and new colours, until it is asked for', () => {
  const cancelled = after(
    explained,
    { type: 'work-changed', work: { kind: 'cancelled' } },
    { type: 'worker-ended' },
    { type: 'model-changed', model: { kind: 'opening', progress: null } },
    { type: 'image-changed', image: { kind: 'ready', source, decoded } },
    { type: 'view-changed', change: { opacity: 0.2 } },
  );
  expect(cancelled).toMatchObject({ worker: 1, explanation: { work: { kind: 'cancelled' } } });
  const again = after(cancelled, { type: 'asked-again' });
  expect(again).toMatchObject({ attempt: 1, explanation: { work: { kind: 'idle' } } });
  const other = after(cancelled, { type: 'view-changed', change: { method: 'layer-cam' } });
  expect(other.explanation.work).toEqual({ kind: 'idle' });
});

test('a worker that ended has neither model nor image: both are given to the next', () => {
  const ended = after(explained, { type: 'worker-ended' });
  expect(ended.model).toEqual({ kind: 'none' });
  expect(ended.image).toEqual({ kind: 'decoding', source });
});

test('a permalink holds what is asked and how it is shown, and nothing that is the default', () => {
  expect(writeLiveLink(defaultLiveView)).toBe('');
  const view = {
    ...defaultLiveView,
    model: 'demo-vgg',
    engine: 'webgl',
    inputRange: '-1..1',
    method: 'rise',
    layer: 'conv5_2',
    target: 'cat:dog',
    runs: 200,
    sample: 'garden',
    opacity: 0.25,
  } as const;
  expect(readLiveLink(writeLiveLink(view))).toEqual(view);
  expect(readLiveLink('#engine=quantum&runs=-1&range=0..9&opacity=2')).toEqual(defaultLiveView);
});

test('a legend continues in the next line at a space, and a long word stays whole', () => {
  const letters = (text: string): number => text.length;
  expect(wrapText('one two three', 7, letters)).toEqual(['one two', 'three']);
  expect(wrapText('conv_pw_13_relu at', 7, letters)).toEqual(['conv_pw_13_relu', 'at']);
  expect(wrapText('', 7, letters)).toEqual(['']);
});

test('a question is asked of the next image too; a sentence of the reader’s belongs to its image', () => {
  const asked = after(explained, {
    type: 'view-changed',
    change: { question: 'what is red?', say: 'a red dog', target: 'word:2' },
  });
  const next = after(asked, { type: 'image-given', source, sample: null });
  expect(next.view).toMatchObject({ question: 'what is red?', say: '', target: 'top1' });
  const other = after(asked, { type: 'view-changed', change: { model: 'b' } });
  expect(other.view).toMatchObject({ question: 'what is red?', say: '', target: 'top1' });
  const link = writeLiveLink(asked.view);
  expect(readLiveLink(link)).toMatchObject({
    question: 'what is red?',
    say: 'a red dog',
    target: 'word:2',
  });
});

test('the first edit keeps the words of the caption, so that their scores can be compared', () => {
  const told = {
    line: {
      text: { caption: [{ word: 'a' }, { word: 'dog' }], by: 'model', logProbability: -1 },
      explanations: [{ target: { kind: 'sentence', index: -1 } }],
    },
  } as unknown as LiveExplanation;
  const edited = after(
    after(explained, { type: 'explained', explanation: told }),
    { type: 'edit', edit: { type: 'begun' } },
    { type: 'edit', edit: { type: 'erased', how: 'gray' } },
  );
  expect(edited.view.say).toBe('a dog');
  expect(edited.explanation.unedited).toBe(told);
});

test('a model that answers questions explains nothing before one is asked', () => {
  const model = { kind: 'ready', model: { text: 'question' } } as unknown as LiveState['model'];
  const opened = after(explained, { type: 'model-changed', model });
  expect(lacksQuestion(opened)).toBe(true);
  const asked = after(opened, { type: 'view-changed', change: { question: 'is it red?' } });
  expect(lacksQuestion(asked)).toBe(false);
  const answered = after(asked, { type: 'explained', explanation });
  // The browser's back button goes to the page without a question.
  const back = after(answered, { type: 'link-followed', view: defaultLiveView });
  expect(back.explanation).toEqual(noExplanation);
});

test('of a caption the whole sentence is explained first', () => {
  const model = { kind: 'ready', model: { text: 'caption' } } as unknown as LiveState['model'];
  const opened = after(explained, { type: 'model-changed', model });
  expect(explainedTarget(opened)).toBe('sentence');
  const chosen = after(opened, { type: 'view-changed', change: { target: 'word:3' } });
  expect(explainedTarget(chosen)).toBe('word:3');
  expect(explainedTarget(explained)).toBe('top1');
});
