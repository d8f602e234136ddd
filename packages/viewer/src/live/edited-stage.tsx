import type { Colours } from '../map/paint.ts';
import { useState } from 'preact/hooks';
import { saveFile } from './downloads.ts';
import { placedPatch, type EditAction } from './edit-state.ts';
import { EditTools } from './edit-tools.tsx';
import { LiveStage } from './live-stage.tsx';
import type { ImageState, LiveState } from './live-state.ts';
import { findLookedAt } from './looked-at.ts';
import { PatchSelector } from './patch-selector.tsx';

/** The large image with the reader's edits, and the tools that edit it. */
export function EditedStage(props: {
  state: LiveState;
  image: Extract<ImageState, { kind: 'ready' }>;
  colours: Colours;
  edit: (action: EditAction) => void;
  /** Returns the edited image as a PNG file. */
  saveEdited: () => Promise<Blob>;
}) {
  const { state, image, colours, edit } = props;
  const { editing, explanation, view } = state;
  const { name } = image.source;
  const patch = placedPatch(editing);
  const { picture, subtracted, isCompared } = findLookedAt(state, image);
  const [fault, setFault] = useState<string | null>(null);
  const save = async (): Promise<void> => {
    setFault(null);
    try {
      saveFile(await props.saveEdited(), editedName(name));
    } catch (error) {
      setFault(`The edited image was not saved: ${(error as Error).message}`);
    }
  };
  return (
    <>
      <LiveStage
        picture={picture}
        subtracted={subtracted}
        isBusy={explanation.work.kind === 'busy'}
        colours={colours}
        view={view}
      >
        {patch !== null && (
          <PatchSelector
            image={image.decoded}
            patch={patch}
            isMoving={editing.destination !== null}
            edit={edit}
          />
        )}
      </LiveStage>
      <EditTools
        editing={editing}
        image={image.decoded}
        isCompared={isCompared}
        edit={edit}
        onSave={() => void save()}
      />
      {fault !== null && (
        <p class="message message-bad" role="alert">
          {fault}
        </p>
      )}
    </>
  );
}

/** `photo.jpg` is saved as `photo-edited.png`. */
function editedName(name: string): string {
  return `${name.replace(/\.[a-z0-9]+$/i, '')}-edited.png`;
}
