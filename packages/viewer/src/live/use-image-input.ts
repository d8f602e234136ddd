import { useEffect, useState } from 'preact/hooks';
import type { ImageSource, LiveAction } from './live-state.ts';
import { readSample, samples } from './samples.ts';

/**
 * Takes images that are dropped anywhere on the page or pasted into it, and the sample that the view
 * names. They go to the worker and nowhere else.
 *
 * @returns whether something is being dragged over the page.
 */
export function useImageInput(sample: string | null, dispatch: (action: LiveAction) => void) {
  const [isDragged, setDragged] = useState(false);
  const give = (source: ImageSource): void =>
    dispatch({ type: 'image-given', source, sample: null });
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
      const file = event.dataTransfer?.files[0];
      if (file !== undefined) give({ blob: file, name: file.name });
      else refuse('what was dropped is not a file; save the image and drop the saved file');
    };
    const paste = (event: ClipboardEvent): void => {
      const file = event.clipboardData?.files[0];
      if (file === undefined) return;
      event.preventDefault();
      give({ blob: file, name: file.name === '' ? 'pasted image' : file.name });
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
