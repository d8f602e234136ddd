import { collectFiles, CollectFailure } from './collect-files.ts';
import type { LiveAction } from './reduce-live-state.ts';
import { giveFiles } from './use-given-files.ts';

/** Ways to choose the reader's own model by a click: its files, or its folder. */
export function ModelChooser({ dispatch }: { dispatch: (action: LiveAction) => void }) {
  const take = (input: HTMLInputElement): void => {
    try {
      if (input.files !== null && input.files.length > 0)
        giveFiles(collectFiles(input.files), dispatch);
    } catch (error) {
      if (!(error instanceof CollectFailure)) throw error;
      dispatch({ type: 'model-changed', model: { kind: 'failed', message: error.message } });
    } finally {
      // The value is cleared, so that the reader can choose the same files again.
      input.value = '';
    }
  };
  return (
    <div class="model-chooser">
      <label
        class="button"
        title="An .onnx or .keras file or a model.json, with the files that belong to it"
      >
        Model files …
        <input
          type="file"
          multiple
          class="visually-hidden"
          onChange={(event) => take(event.currentTarget)}
        />
      </label>
      <label class="button" title="The folder of a model">
        Model folder …
        <input
          type="file"
          class="visually-hidden"
          {...{ webkitdirectory: true }}
          onChange={(event) => take(event.currentTarget)}
        />
      </label>
    </div>
  );
}
