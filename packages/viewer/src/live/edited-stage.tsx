import type { Colours } from '../map/paint.ts';
import { saveFile } from './downloads.ts';
import { placedPatch, type EditAction } from './edit-state.ts';
import { EditTools } from './edit-tools.tsx';
import { LiveStage, type StagePicture } from './live-stage.tsx';
import { explainedImage, type ImageState, type LiveState } from './live-state.ts';
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
  const isEdited = editing.edits.length > 0;
  const patch = placedPatch(editing);
  const given: StagePicture = {
    name: isEdited ? `${name}, unedited` : name,
    decoded: image.decoded,
    shown: isEdited ? explanation.unedited : explanation.shown,
  };
  const edited: StagePicture = {
    name: `${name}, edited`,
    // Until the worker has applied the last edit, the image is shown without edits.
    decoded: explainedImage(state) ?? image.decoded,
    shown: explanation.shown,
  };
  const isCompared = isEdited && edited.shown !== null && given.shown !== null;
  return (
    <>
      <LiveStage
        picture={isEdited && editing.view !== 'given' ? edited : given}
        subtracted={isCompared && editing.view === 'difference' ? given : null}
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
        onSave={() => void props.saveEdited().then((blob) => saveFile(blob, editedName(name)))}
      />
    </>
  );
}

/** `photo.jpg` is saved as `photo-edited.png`. */
function editedName(name: string): string {
  return `${name.replace(/\.[a-z0-9]+$/i, '')}-edited.png`;
}
