import { useState } from 'preact/hooks';
import { CameraDialog } from './camera-dialog.tsx';
import type { LiveAction } from './live-state.ts';
import { samples } from './samples.ts';

/** The ways to an image that need a click: a file, the camera, a sample. */
export function ImageChooser(props: {
  /** The sample that is shown. */
  sample: string | null;
  dispatch: (action: LiveAction) => void;
}) {
  const { sample, dispatch } = props;
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
      <ul class="samples" aria-label="Sample images">
        {samples.map(({ name, title, address }) => (
          <li key={name}>
            <button
              type="button"
              class="sample"
              title={title}
              aria-label={`Sample image: ${title}`}
              aria-pressed={name === sample}
              onClick={() => dispatch({ type: 'view-changed', change: { sample: name } })}
            >
              <img src={address} alt="" width={48} height={48} />
            </button>
          </li>
        ))}
      </ul>
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
