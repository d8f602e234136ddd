import type { CaptionText, CaptionWord } from '@gradcam/core';
import { formatPercent } from '../text/format.ts';
import type { SentencePart } from '../text/words.ts';

/** A caption as a row of buttons: each word, and the whole sentence, shows its own map. */
export function Sentence(props: {
  text: CaptionText;
  /** What the sentence is, for readers who do not see it. */
  label: string;
  /** The part whose map is shown; null if it is that of something else. */
  chosen: SentencePart | null;
  /** Whether there is a map of a part. Other words are plain text. */
  hasMap: (part: SentencePart) => boolean;
  onChoose: (part: SentencePart) => void;
}) {
  const { text, label, chosen, hasMap, onChoose } = props;
  const part = (value: SentencePart, name: string, word?: CaptionWord) => {
    const isUnlikely = word?.instead !== undefined;
    const style = `sentence-part${isUnlikely ? ' sentence-unlikely' : ''}`;
    const title = word === undefined ? undefined : describeWord(word);
    if (!hasMap(value)) {
      return (
        <span key={value} class={style} title={title}>
          {name}
        </span>
      );
    }
    return (
      <button
        key={value}
        type="button"
        class={style}
        title={title}
        aria-pressed={value === chosen}
        onClick={() => onChoose(value)}
      >
        {name}
      </button>
    );
  };
  return (
    <div class="sentence" role="group" aria-label={label} onKeyDown={step}>
      {text.caption.map((word, i) => part(i + 1, word.word, word))}
      {hasMap('sentence') && part('sentence', 'whole sentence')}
    </div>
  );
}

/** The arrow keys go from word to word and choose as they go, as in a row of radio buttons. */
function step(event: KeyboardEvent): void {
  const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (way === undefined || !(event.currentTarget instanceof HTMLElement)) return;
  const buttons = [...event.currentTarget.querySelectorAll('button')];
  const at = buttons.findIndex((button) => button === document.activeElement);
  const next = buttons[at + way];
  // Elsewhere the arrow keys go from image to image.
  event.stopPropagation();
  event.preventDefault();
  next?.focus();
  next?.click();
}

/** How likely the model finds a word after the words before it. */
function describeWord({ word, logProbability, instead }: CaptionWord): string {
  const chance = `${word}: ${formatPercent(Math.exp(logProbability))} after the words before it`;
  if (instead === undefined) return chance;
  return `${chance}; likeliest: ${instead.word}, ${formatPercent(Math.exp(instead.logProbability))}`;
}
