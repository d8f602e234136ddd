import { useEffect, useState } from 'preact/hooks';
import { Sentence } from '../components/sentence.tsx';
import { formatScore } from '../text/format.ts';
import { captionOf, partOf, writeCaption, type SentencePart } from '../text/words.ts';
import { explainedTarget, type ChangeLiveView, type LiveState } from './live-state.ts';

/** The caption of the picture, whose words show their maps, and a field for the reader's own sentence. */
export function CaptionWords({ state, change }: { state: LiveState; change: ChangeLiveView }) {
  const { view, image, explanation } = state;
  const { shown } = explanation;
  const text = shown === null ? null : captionOf(shown.line);
  const [first] = shown?.line.explanations ?? [];
  const choose = (part: SentencePart): void =>
    change({ target: part === 'sentence' ? part : `word:${part}` });
  return (
    <section class="words" aria-label="Caption">
      {text === null || first === undefined ? (
        <p class="words-answer" role="status">
          {image.kind === 'none'
            ? 'The model describes pictures in words. Give the page one.'
            : 'The model looks for words …'}
        </p>
      ) : (
        <>
          <Sentence
            text={text}
            label={text.by === 'model' ? 'What the model says' : 'Your sentence'}
            // The button that was pressed shows it at once, before its map is there.
            chosen={readPart(explainedTarget(state)) ?? partOf(text, first)}
            hasMap={() => true}
            onChoose={choose}
          />
          <p class="words-answer" role="status">
            {text.by === 'model' ? 'The model says' : 'You say'} “{writeCaption(text)}”:
            log-probability {formatScore(text.logProbability)}.
            {text.own !== undefined && (
              <>
                {' '}
                The model itself says “{text.own.caption}”: {formatScore(text.own.logProbability)}.
              </>
            )}
          </p>
        </>
      )}
      {shown?.textNotes.map((note) => (
        <p class="message message-warning" key={note}>
          {note}
        </p>
      ))}
      <SayForm say={view.say} change={change} />
    </section>
  );
}

/** The part of the caption that a target names; null for other targets. */
function readPart(target: string): SentencePart | null {
  if (target === 'sentence') return target;
  const [, place] = /^word:(\d+)$/.exec(target) ?? [];
  return place === undefined ? null : Number(place);
}

/** Explains a sentence of the reader's instead of the model's own. */
function SayForm({ say, change }: { say: string; change: ChangeLiveView }) {
  const [text, setText] = useState(say);
  useEffect(() => setText(say), [say]);
  const explain = (sentence: string): void => {
    // The words have other places in another sentence.
    if (sentence !== say) change({ say: sentence, target: 'top1' });
  };
  return (
    <form
      class="words-form"
      onSubmit={(event) => {
        event.preventDefault();
        explain(text.trim());
      }}
    >
      <label for="say">Say</label>
      <input
        id="say"
        type="text"
        value={text}
        placeholder="a sentence of your own"
        autocomplete="off"
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit" class="button">
        Explain it
      </button>
      {say !== '' && (
        <button type="button" class="button" onClick={() => explain('')}>
          Let the model speak
        </button>
      )}
    </form>
  );
}
