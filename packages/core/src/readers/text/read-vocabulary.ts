import {
  checkVocabulary,
  isFileBeside,
  type StatedText,
  type TextDescription,
} from '../../artifact/text-description.ts';
import { GradcamError } from '../../base/errors.ts';
import { decodeLabels } from '../labels/labels.ts';
import type { ModelFiles } from '../model-files.ts';

/** Most bytes of a vocabulary, which is some ten bytes for each of the most words that are allowed. */
export const MAX_VOCABULARY_BYTES = 16 * 1024 * 1024;

/**
 * The block `text` with its words, which may be in a file beside the model: one word a line, of which the
 * first is empty, or a JSON array.
 *
 * @throws GradcamError `model` for a file that is missing, is no text or holds a list that is no vocabulary.
 */
export async function readVocabulary(
  stated: StatedText,
  files: Pick<ModelFiles, 'readFile'>,
): Promise<TextDescription> {
  const { vocabulary } = stated;
  if (typeof vocabulary !== 'string') return { ...stated, vocabulary };
  const bytes = await files.readFile(vocabulary, MAX_VOCABULARY_BYTES);
  const words = parseVocabulary(decode(bytes, vocabulary), vocabulary);
  return { ...stated, vocabulary: checkVocabulary(words, stated, vocabulary) };
}

/**
 * The name of the file with the words that a `gradcam.json` names, for programs that copy a model with the
 * files beside it; null where it names none.
 *
 * @param description the bytes of `gradcam.json`. A mistake in it is told when the model is described.
 */
export function findVocabularyFile(description: Uint8Array): string | null {
  try {
    const json = JSON.parse(new TextDecoder().decode(description)) as {
      text?: { vocabulary?: unknown };
    } | null;
    const name = json?.text?.vocabulary;
    return typeof name === 'string' && isFileBeside(name) ? name : null;
  } catch {
    return null;
  }
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return decodeLabels(bytes);
  } catch (cause) {
    throw new GradcamError('model', `${file}: expected words in UTF-8, found other bytes`, {
      cause,
    });
  }
}

/** A list of lines begins with the empty word, so its first character is the end of a line. */
function parseVocabulary(text: string, file: string): unknown {
  if (/^\r?\n/.test(text)) return text.replace(/\r?\n$/, '').split(/\r?\n/);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new GradcamError(
      'model',
      `${file}: expected a JSON array of words, or one word a line after an empty first line, found other text`,
      { cause },
    );
  }
}
