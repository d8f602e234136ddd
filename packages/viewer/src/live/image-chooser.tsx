import { useState } from 'preact/hooks';
import { CameraDialog } from './camera-dialog.tsx';
import type { LiveAction } from './reduce-live-state.ts';
import { SampleImages } from './sample-images.tsx';

/** Ways to choose an image by a click: a file, the camera or a sample. */
export function ImageChooser(props: {
  /** The sample that is shown, or null. */
  sample: string | null;
  /**
   * Whether the samples are offered here. While there is no image, they are shown large in its place
   * instead.
   */
  hasSamples: boolean;
  dispatch: (action: LiveAction) => void;
}) {
  const { sample, hasSamples, dispatch } = props;
  const choose = (name: string): void =>
    dispatch({ type: 'view-changed', change: { sample: name } });
  const [isCameraOn, setCameraOn] = useState(false);
  return (
    <div class="image-chooser">
      <label class="button">
        Open image …
        <input
          type="file"
          accept="image/*"
          class="visually-hidden"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            // The value is cleared, so that the reader can choose the same file again.
            event.currentTarget.value = '';
            if (file === undefined) return;
            dispatch({
              type: 'image-given',
              source: { blob: file, name: file.name },
              sample: null,
            });
          }}
        />
      </label>
      <button type="button" class="button" onClick={() => setCameraOn(true)}>
        Camera …
      </button>
      {hasSamples && <SampleImages sample={sample} onChoose={choose} />}
      {isCameraOn && (
        <CameraDialog
          onClose={() => setCameraOn(false)}
          onTaken={(blob) => {
            setCameraOn(false);
            const source = { blob, name: 'camera image' };
            dispatch({ type: 'image-given', source, sample: null });
          }}
        />
      )}
    </div>
  );
}
