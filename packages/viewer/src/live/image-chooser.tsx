import { useState } from 'preact/hooks';
import { CameraDialog } from './camera-dialog.tsx';
import type { LiveAction } from './live-state.ts';
import { SampleImages } from './sample-images.tsx';

/** The ways to an image that need a click: a file, the camera, a sample. */
export function ImageChooser(props: {
  /** The sample that is shown. */
  sample: string | null;
  /** Whether the samples are among them; without an image they stand in its place, large. */
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
            // The same file may be chosen again.
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
