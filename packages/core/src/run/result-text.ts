/** What a model was asked about an image, and its answer. */
export interface QuestionText {
  readonly question: string;
  /** The name of the most probable answer; absent for an output without classes. */
  readonly answer?: string;
}

/** A word with the logarithm of its probability after the words before it, at most 0. */
export interface WordScore {
  readonly word: string;
  readonly logProbability: number;
}

/** A word of a caption. */
export interface CaptionWord extends WordScore {
  /** The word that the model finds likeliest at this place, where that is another one. */
  readonly instead?: WordScore;
  /** The first of the image's explanations that is about this word, from 0; absent where there is none. */
  readonly explanation?: number;
}

/** A caption of an image, with what the model says of each of its words. */
export interface CaptionText {
  readonly caption: readonly CaptionWord[];
  /** Whether the model wrote the caption, or somebody gave it. */
  readonly by: 'model' | 'user';
  /** The end behind the last word; absent where the model had no room for one. */
  readonly end?: Omit<CaptionWord, 'word' | 'explanation'>;
  /** The sum over the words and the end: the logarithm of the caption's probability. */
  readonly logProbability: number;
  /** For a given caption: the model's own, and the sum of its words and its end, where it was asked for. */
  readonly own?: { readonly caption: string; readonly logProbability: number };
}

/** The text that a model read or wrote about an image. */
export type ResultText = QuestionText | CaptionText;
