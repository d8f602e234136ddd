import type { ExplanationState } from './live-state.ts';

/**
 * Shows the worker's current task, or the reason why there is no map. The cancel button is shown while a
 * call can be cancelled.
 */
export function WorkStatus(props: {
  work: ExplanationState['work'];
  onCancel: () => void;
  onAskAgain: () => void;
}) {
  const { work, onCancel, onAskAgain } = props;
  switch (work.kind) {
    case 'idle':
      return null;
    case 'busy': {
      const { progress } = work;
      return (
        <div class="work" role="status">
          <p>
            {progress === null
              ? 'Explaining …'
              : `Explaining: pass ${progress.done.toLocaleString('en')} of ${progress.total.toLocaleString('en')}`}
          </p>
          <button type="button" class="button" onClick={onCancel}>
            Cancel
          </button>
          <progress
            aria-label="Explaining"
            max={progress?.total ?? 1}
            {...(progress === null ? {} : { value: progress.done })}
          />
        </div>
      );
    }
    case 'cancelled':
      return (
        <div class="work" role="status">
          <p>Cancelled.</p>
          <button type="button" class="button" onClick={onAskAgain}>
            Explain again
          </button>
        </div>
      );
    case 'failed':
      return (
        <p class="message message-bad" role="alert">
          {work.message}
        </p>
      );
  }
}
