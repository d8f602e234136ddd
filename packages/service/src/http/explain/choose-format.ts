import { RequestError } from '../request-error.ts';

/** What an answer can be: JSON, or one overlay. */
export type AnswerFormat = 'json' | 'png' | 'webp';

const typeOf: Readonly<Record<AnswerFormat, string>> = {
  json: 'application/json',
  png: 'image/png',
  webp: 'image/webp',
};

/** The media type of a format. */
export function mediaTypeOf(format: AnswerFormat): string {
  return typeOf[format];
}

/**
 * Chooses the answer by the header `Accept`: the format of the highest quality, and JSON before PNG before
 * WebP where the qualities are equal. Without the header it is JSON.
 *
 * @throws RequestError `not-acceptable`.
 * @see RFC 9110, section 12.5.1
 */
export function chooseFormat(accept: string | undefined): AnswerFormat {
  if (accept === undefined || accept.trim() === '') return 'json';
  const ranges = accept.split(',').map(readRange);
  const formats = Object.keys(typeOf) as AnswerFormat[];
  const rated = formats.map((format) => ({ format, quality: rate(typeOf[format], ranges) }));
  const best = rated.reduce((a, b) => (b.quality > a.quality ? b : a));
  if (best.quality > 0) return best.format;
  throw new RequestError(
    'not-acceptable',
    `Accept takes ${Object.values(typeOf).join(', ')}; nothing else can be answered`,
  );
}

interface Range {
  readonly type: string;
  readonly quality: number;
}

function readRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const stated = parameters.find((one) => one.startsWith('q='));
  const quality = stated === undefined ? 1 : Number(stated.slice(2));
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

/** The quality of the most specific range that a type matches; 0 where none does. */
function rate(type: string, ranges: readonly Range[]): number {
  const [main] = type.split('/');
  for (const pattern of [type, `${main}/*`, '*/*']) {
    const found = ranges.filter((range) => range.type === pattern);
    if (found.length > 0) return Math.max(...found.map(({ quality }) => quality));
  }
  return 0;
}
