import { Choice } from '../components/choice.tsx';
import { describeEdit, type Edit, type Erasure, type ImageSize, type Patch } from '../edit/edit.ts';
import { editViews, placedPatch, type EditAction, type EditState } from './edit-state.ts';
import { PatchFields } from './patch-fields.tsx';

const erasureNames: Readonly<Record<Erasure, string>> = {
  mean: 'Erase to mean',
  gray: 'Erase to gray',
  blur: 'Blur',
};

const viewNames = { edited: 'Edited', given: 'Unedited', difference: 'Difference' };

/** The tools below the image that erase, blur or move a patch of it. */
export function EditTools(props: {
  editing: EditState;
  image: ImageSize;
  /** Whether both maps are there, the edited image's and the given one's. */
  isCompared: boolean;
  edit: (action: EditAction) => void;
  onSave: () => void;
}) {
  const { editing, image, isCompared, edit, onSave } = props;
  const { edits, destination, view } = editing;
  const placed = placedPatch(editing);
  return (
    <section class="edit-tools" aria-label="Edit the image">
      {placed === null ? (
        <button type="button" class="button" onClick={() => edit({ type: 'begun' })}>
          Edit the image …
        </button>
      ) : (
        <PatchTools {...{ placed, image, edit }} isMoving={destination !== null} />
      )}
      {edits.length > 0 && (
        <>
          <div class="edit-row">
            <Choice
              label="Picture shown"
              options={editViews.map((value) => ({ value, text: viewNames[value] }))}
              chosen={view}
              onChoose={(chosen) =>
                (isCompared || chosen !== 'difference') &&
                edit({ type: 'view-chosen', view: chosen })
              }
            />
            <button type="button" class="button" onClick={onSave}>
              Save edited image
            </button>
          </div>
          {view === 'difference' && (
            <p class="difference-names">
              <span>
                <i class="difference-more" aria-hidden="true" /> red: the edited image's map is
                larger
              </span>
              <span>
                <i class="difference-less" aria-hidden="true" /> blue: the unedited image's map is
                larger
              </span>
            </p>
          )}
          <EditList edits={edits} />
        </>
      )}
      <div class="edit-row">
        {edits.length > 0 && (
          <>
            <button type="button" class="button" onClick={() => edit({ type: 'undone' })}>
              Undo
            </button>
            <button type="button" class="button" onClick={() => edit({ type: 'all-undone' })}>
              Undo all
            </button>
          </>
        )}
        {placed !== null && (
          <button type="button" class="button" onClick={() => edit({ type: 'ended' })}>
            Close the tools
          </button>
        )}
      </div>
    </section>
  );
}

/** The fields of the patch and the buttons that change it. */
function PatchTools(props: {
  placed: Patch;
  image: ImageSize;
  isMoving: boolean;
  edit: (action: EditAction) => void;
}) {
  const { placed, image, isMoving, edit } = props;
  return (
    <>
      <p class="edit-help">
        {isMoving
          ? 'Drag the patch to its new place, or move it with the arrow keys.'
          : 'What does the model look at? Draw a patch over the image and take it away; the page explains the edited image and compares the scores.'}
      </p>
      <PatchFields {...{ placed, image, isMoving, edit }} />
      <div class="edit-row">
        {isMoving ? (
          <>
            <button
              type="button"
              class="button button-main"
              onClick={() => edit({ type: 'move-ended' })}
            >
              Put it here
            </button>
            <button type="button" class="button" onClick={() => edit({ type: 'move-cancelled' })}>
              Leave it where it was
            </button>
          </>
        ) : (
          <>
            {(Object.keys(erasureNames) as Erasure[]).map((how) => (
              <button
                key={how}
                type="button"
                class="button"
                onClick={() => edit({ type: 'erased', how })}
              >
                {erasureNames[how]}
              </button>
            ))}
            <button type="button" class="button" onClick={() => edit({ type: 'move-begun' })}>
              Move …
            </button>
          </>
        )}
      </div>
    </>
  );
}

function EditList({ edits }: { edits: readonly Edit[] }) {
  return (
    <ol class="edit-list" aria-label="Edits">
      {edits.map((edit, i) => (
        <li key={i}>{describeEdit(edit)}</li>
      ))}
    </ol>
  );
}
