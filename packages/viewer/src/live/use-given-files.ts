import { useEffect, useState } from 'preact/hooks';
import { collectDropped, CollectFailure, collectFiles } from './collect-files.ts';
import { createDropQueue } from './drop-queue.ts';
import { sortFiles, type GivenFiles } from './dropped-files.ts';
import type { LiveAction } from './reduce-live-state.ts';
import type { LiveView } from './live-view.ts';
import { readOriginal } from './originals.ts';
import { readSample, samples } from './samples.ts';

/**
 * Accepts images and models that the reader drops on the page or pastes into it, and loads the sample, or
 * the image of the run, that the view names. They are given to the worker and sent nowhere else.
 *
 * @returns true while something is dragged over the page.
 */
export function useGivenFiles(
  { sample, original, originalName }: LiveView,
  dispatch: (action: LiveAction) => void,
) {
  const [isDragged, setDragged] = useState(false);
  const refuse = (message: string): void =>
    dispatch({ type: 'image-changed', image: { kind: 'failed', message } });

  useEffect(() => {
    const chosen = samples.find(({ name }) => name === sample);
    if (chosen === undefined) return undefined;
    let isWanted = true;
    readSample(chosen).then(
      (source) => isWanted && dispatch({ type: 'image-given', source, sample: chosen.name }),
      () => refuse(`${chosen.title}: the server does not answer`),
    );
    return () => {
      isWanted = false;
    };
  }, [sample]);

  useEffect(() => {
    if (original === null || sample !== null) return undefined;
    const wanted = { sha256: original, name: originalName ?? 'image of the run' };
    let isWanted = true;
    readOriginal(wanted).then(
      (source) =>
        isWanted && dispatch({ type: 'image-given', source, sample: null, original: wanted }),
      (error: Error) => isWanted && refuse(error.message),
    );
    return () => {
      isWanted = false;
    };
  }, [original]);

  useEffect(() => {
    const enqueue = createDropQueue({
      give: (given) => giveFiles(given, dispatch),
      fail: (error) => {
        if (!(error instanceof CollectFailure)) throw error;
        dispatch({ type: 'model-changed', model: { kind: 'failed', message: error.message } });
      },
    });
    const over = (event: DragEvent): void => {
      event.preventDefault();
      setDragged(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setDragged(false);
    };
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      setDragged(false);
      const { dataTransfer } = event;
      if (dataTransfer === null || dataTransfer.files.length === 0) {
        refuse('what was dropped is not a file; save the image and drop the saved file');
        return;
      }
      enqueue(collectDropped(dataTransfer));
    };
    const paste = (event: ClipboardEvent): void => {
      const files = event.clipboardData?.files;
      if (files === undefined || files.length === 0) return;
      event.preventDefault();
      enqueue(Promise.resolve(collectFiles(files)));
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    addEventListener('paste', paste);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
      removeEventListener('paste', paste);
    };
  }, []);
  return isDragged;
}

/** Dispatches what the reader gave: a model, an image, or both. */
export function giveFiles(given: GivenFiles, dispatch: (action: LiveAction) => void): void {
  const { model, image } = sortFiles(given);
  if (model !== null) dispatch({ type: 'model-dropped', dropped: model });
  if (image !== null) dispatch({ type: 'image-given', source: image, sample: null });
}
