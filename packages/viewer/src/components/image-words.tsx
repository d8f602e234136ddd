import type { ResultExplanation, ResultLine } from '@gradcam/core';
import { explanationKey } from '../state/select.ts';
import { formatAnswer, formatScore } from '../text/format.ts';
import { captionOf, partOf, questionOf, type SentencePart } from '../text/words.ts';
import { Sentence } from './sentence.tsx';
import { TruthMark } from './truth-mark.tsx';

/** The question about an image with its answer, or its caption, whose words choose the large map. */
export function ImageWords(props: {
  line: ResultLine;
  shown: ResultExplanation;
  onChoose: (key: string) => void;
}) {
  const { line, shown, onChoose } = props;
  const question = questionOf(line);
  if (question !== null) {
    const [best] = line.predictions;
    return (
      <section class="image-words" aria-label="Question">
        <p>{question.question}</p>
        {question.answer !== undefined && (
          <p>
            Answer: <b>{question.answer}</b> {best !== undefined && formatAnswer(best)}{' '}
            <TruthMark line={line} />
          </p>
        )}
      </section>
    );
  }
  const caption = captionOf(line);
  if (caption === null) return null;
  /** The part's map by the method and at the layer of the shown one, or else its first. */
  const mapOf = (part: SentencePart): ResultExplanation | undefined => {
    const maps = line.explanations.filter((one) => partOf(caption, one) === part);
    const alike = maps.find(
      ({ method, layer }) => method === shown.method && layer === shown.layer,
    );
    return alike ?? maps[0];
  };
  return (
    <section class="image-words" aria-label="Caption">
      <Sentence
        text={caption}
        label={caption.by === 'model' ? 'What the model says' : 'The given sentence'}
        chosen={partOf(caption, shown)}
        hasMap={(part) => mapOf(part) !== undefined}
        onChoose={(part) => onChoose(explanationKey(mapOf(part)!))}
      />
      <p>
        {caption.by === 'model' ? 'Said by the model' : 'Given'}, log-probability{' '}
        {formatScore(caption.logProbability)}.
        {caption.own !== undefined &&
          ` The model itself says “${caption.own.caption}”: ${formatScore(caption.own.logProbability)}.`}
      </p>
    </section>
  );
}
