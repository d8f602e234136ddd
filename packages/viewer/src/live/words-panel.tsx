import { CaptionWords } from './caption-words.tsx';
import type { ChangeLiveView, LiveState } from './live-state.ts';
import { QuestionForm } from './question-form.tsx';

/** The words of a model that answers questions or writes captions; nothing for any other model. */
export function WordsPanel(props: { state: LiveState; change: ChangeLiveView }) {
  const { model } = props.state;
  const role = model.kind === 'ready' ? model.model.text : null;
  if (role === null) return null;
  return role === 'question' ? <QuestionForm {...props} /> : <CaptionWords {...props} />;
}
