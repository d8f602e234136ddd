import type { ChangeLiveView, LiveState } from './live-state.ts';

/** The smallest published net that recognises photos: 2 MB of weights. */
const forPhotos = 'mobilenet_v1_0.25_224';

/**
 * Tells a reader who explains a photo what the demo nets can recognise: they give confident answers even
 * for images of nothing that they know. They were made for the samples of the page.
 */
export function DemoNote({ state, change }: { state: LiveState; change: ChangeLiveView }) {
  const { view, served, model, image } = state;
  if (model.kind !== 'ready' || !model.model.isDemo) return null;
  if (image.kind !== 'ready' || view.sample !== null) return null;
  // The net for photos knows no words.
  const hasWords = model.model.text !== null;
  const isServed = served.kind === 'ready' && served.models.includes(forPhotos);
  const isElsewhere = served.kind === 'ready' && served.documentation !== undefined;
  return (
    <div class="message message-warning" role="note">
      <p>
        <strong>{model.model.id} was trained on drawings of ten things</strong>, so its answers
        about photos mean little, however sure they look.
        {!hasWords && (
          <>
            {' '}
            A small net for photos
            {isServed && ' is here:'}
            {!isServed && (isElsewhere ? ', on your own machine:' : ', then open this page again:')}
          </>
        )}
      </p>
      {hasWords ? null : isServed ? (
        <button type="button" class="button" onClick={() => change({ model: forPhotos })}>
          Use {forPhotos}
        </button>
      ) : (
        <pre>
          <code>
            npx gradcam fetch {forPhotos}
            {isElsewhere && '\nnpx gradcam view'}
          </code>
        </pre>
      )}
    </div>
  );
}
