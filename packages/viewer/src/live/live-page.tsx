import { useCallback, useReducer } from 'preact/hooks';
import { usePermalink } from '../components/use-permalink.ts';
import { resolveColours } from '../map/colours.ts';
import { ImageChooser } from './image-chooser.tsx';
import { LiveSide } from './live-side.tsx';
import { initialLiveState, type ChangeLiveView, type ImageState } from './live-state.ts';
import { liveColours, readLiveLink, writeLiveLink } from './live-view.ts';
import { reduceLiveState } from './reduce-live-state.ts';
import { SampleImages } from './sample-images.tsx';
import { useExplainedParts } from './use-explained-parts.ts';
import { useGivenFiles } from './use-given-files.ts';
import { useLiveWork } from './use-live-work.ts';

/** The page that explains the reader's own images on the reader's own machine. */
export function LivePage() {
  const [state, dispatch] = useReducer(reduceLiveState, null, () =>
    initialLiveState(readLiveLink(location.hash)),
  );
  const { view, served, image, model } = state;
  const change = useCallback<ChangeLiveView>(
    (part) => dispatch({ type: 'view-changed', change: part }),
    [],
  );
  usePermalink(writeLiveLink(view), null, (fragment) =>
    dispatch({ type: 'link-followed', view: readLiveLink(fragment) }),
  );
  const isDragged = useGivenFiles(view, dispatch);
  const { cancel, saveEdited } = useLiveWork(state, dispatch);
  const hasWords = model.kind === 'ready' && model.model.text !== null;
  const isNeeded = image.kind === 'decoding' || image.kind === 'ready' || hasWords;
  const { parts, fault } = useExplainedParts(isNeeded);
  const colours = resolveColours(view, liveColours);
  return (
    <>
      <header class="live-header">
        <p class="wordmark">gradcam</p>
        <h1>Explain an image</h1>
        <p class="live-privacy">Images and models stay on this machine.</p>
        {served.kind === 'ready' && served.run && (
          <a class="live-run" href="./">
            Back to the run
          </a>
        )}
        {served.kind === 'ready' && served.documentation !== undefined && (
          <a class="live-run" href={served.documentation}>
            Documentation
          </a>
        )}
      </header>
      <main class="live">
        <div class="live-main">
          <ImageChooser
            sample={view.sample}
            hasSamples={image.kind === 'ready'}
            dispatch={dispatch}
          />
          {hasWords && parts !== null && <parts.WordsPanel state={state} change={change} />}
          {image.kind === 'ready' && parts !== null ? (
            <parts.ExplainedImage
              state={state}
              image={image}
              colours={colours}
              change={change}
              edit={(edit) => dispatch({ type: 'edit', edit })}
              saveEdited={saveEdited}
            />
          ) : (
            <DropWell image={image} fault={fault} change={change} />
          )}
        </div>
        <LiveSide
          state={state}
          parts={parts}
          colours={colours}
          change={change}
          dispatch={dispatch}
          onCancel={cancel}
          onAskAgain={() => dispatch({ type: 'asked-again' })}
        />
      </main>
      {isDragged && <div class="drop-veil">Drop an image or a model anywhere</div>}
    </>
  );
}

/** The area where the image will be shown. */
function DropWell(props: {
  image: ImageState;
  /** Why no image can be shown; null where nothing is wrong. */
  fault: string | null;
  change: ChangeLiveView;
}) {
  const { image, change } = props;
  const message = image.kind === 'failed' ? image.message : props.fault;
  return (
    <div class="drop-well">
      {message !== null && (
        <p class="message message-bad" role="alert">
          {message}
        </p>
      )}
      {message === null && (image.kind === 'decoding' || image.kind === 'ready') ? (
        <p class="drop-title">Reading {image.source.name} …</p>
      ) : (
        <>
          <p class="drop-title">Drop an image here</p>
          <p>or paste one, open a file, use the camera – or try one of these:</p>
          <SampleImages sample={null} isLarge onChoose={(sample) => change({ sample })} />
          <p class="drop-model">
            Your own model may be dropped too: an <b>.onnx</b> or <b>.keras</b> file, or the folder
            of a TensorFlow.js model.
          </p>
        </>
      )}
    </div>
  );
}
