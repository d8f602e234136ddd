import { useEffect, useState } from 'preact/hooks';
import { formatAnswer } from '../text/format.ts';
import { questionOf } from '../text/words.ts';
import type { ChangeLiveView, LiveState } from './live-state.ts';

/** Asks the model a question about the picture, and shows its answer. */
export function QuestionForm({ state, change }: { state: LiveState; change: ChangeLiveView }) {
  const { view, image, explanation } = state;
  const { shown } = explanation;
  const [text, setText] = useState(view.question);
  const [isEmpty, setEmpty] = useState(false);
  useEffect(() => setText(view.question), [view.question]);
  const ask = (event: Event): void => {
    event.preventDefault();
    const question = text.trim();
    setEmpty(question === '');
    // Another question has other answers, of which the best is explained first.
    if (question !== '' && question !== view.question) change({ question, target: 'top1' });
  };
  const asked = shown === null ? null : questionOf(shown.line);
  const isAnswered = asked !== null && asked.question === view.question;
  return (
    <section class="words" aria-label="Question">
      <form class="words-form" onSubmit={ask}>
        <label for="question">Question</label>
        <input
          id="question"
          type="text"
          value={text}
          placeholder="about the picture"
          autocomplete="off"
          aria-describedby="answer"
          onInput={(event) => {
            setText(event.currentTarget.value);
            setEmpty(false);
          }}
        />
        <button type="submit" class="button button-main">
          Ask
        </button>
      </form>
      <p id="answer" class="words-answer" role="status">
        {isEmpty ? (
          'Type a question first.'
        ) : isAnswered ? (
          <Answer state={state} answer={asked.answer} />
        ) : (
          describeWaiting(view.question, image.kind === 'none')
        )}
      </p>
      {isAnswered &&
        shown?.textNotes.map((note) => (
          <p class="message message-warning" key={note}>
            {note}
          </p>
        ))}
    </section>
  );
}

function Answer({ state, answer }: { state: LiveState; answer: string | undefined }) {
  const [best] = state.explanation.shown?.line.predictions ?? [];
  if (answer === undefined) return 'The answer has no words; its map is shown.';
  return (
    <>
      Answer: <b>{answer}</b> {best !== undefined && formatAnswer(best)}
    </>
  );
}

function describeWaiting(question: string, hasNoImage: boolean): string {
  if (question === '')
    return 'The model answers questions about the picture. Type one and press Enter.';
  return hasNoImage ? 'Give the page a picture, and the model answers.' : '…';
}
