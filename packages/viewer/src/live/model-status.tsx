import { formatMegabytes } from '../text/format.ts';
import { wantedModel, type LiveState } from './live-state.ts';

/**
 * Says why there is no model yet, or why there will be none. Without a model nothing else on the page
 * works.
 */
export function ModelStatus({ state }: { state: LiveState }) {
  const { served, model } = state;
  if (served.kind === 'failed') return <p class="message message-bad">{served.message}</p>;
  if (served.kind === 'ready' && wantedModel(state) === null) {
    return (
      <div class="message message-warning" role="alert">
        <p>
          <strong>No model is served</strong>, and the page needs one to explain images. Drop one
          here (an .onnx or .keras file, or the folder of a TensorFlow.js model), or fetch one, or
          name the folder of your models, and open this page again:
        </p>
        <pre>
          <code>{'npx gradcam fetch demo-resnet\nnpx gradcam view --models <folder>'}</code>
        </pre>
      </div>
    );
  }
  switch (model.kind) {
    case 'none':
    case 'ready':
      return null;
    case 'failed':
      return (
        <p class="message message-bad" role="alert">
          {model.message}
        </p>
      );
    case 'opening': {
      const { progress } = model;
      if (progress?.stage !== 'weights') {
        return (
          <p class="status" role="status">
            Starting the engine …
          </p>
        );
      }
      const { done, total } = progress;
      return (
        <p class="status" role="status">
          Loading weights: {formatMegabytes(done)}
          {total > 0 && ` of ${formatMegabytes(total)}`}
          <progress max={total || 1} {...(total > 0 ? { value: done } : {})} aria-label="Weights" />
        </p>
      );
    }
  }
}
