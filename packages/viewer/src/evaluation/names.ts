import { methodTitle } from '../text/format.ts';

const rowTitles: Readonly<Record<string, string>> = {
  'centre-blob': 'Blob in the centre',
  'input-edges': 'Edges of the image',
};

/** The title of a row: of a method, or of a baseline. */
export function rowTitle(row: string): string {
  return rowTitles[row] ?? methodTitle(row);
}

/** The title of a row inside a sentence: `blob in the centre`, but `RandomCAM`. */
export function inSentence(row: string): string {
  const title = rowTitle(row);
  return row in rowTitles ? title.charAt(0).toLowerCase() + title.slice(1) : title;
}

const metricTitles: Readonly<Record<string, string>> = {
  deletion: 'Deletion',
  insertion: 'Insertion',
  road: 'ROAD',
  drop: 'Average drop',
  increase: 'Increase',
  gain: 'Average gain',
  infidelity: 'Infidelity',
  sparseness: 'Sparseness',
  complexity: 'Complexity',
  'sensitivity-max': 'Sensitivity',
  'class-contrast-spearman': 'Class contrast (ranks)',
  'class-contrast-ssim': 'Class contrast (SSIM)',
  'randomised-spearman': 'Randomised (ranks)',
  'randomised-ssim': 'Randomised (SSIM)',
  pointing: 'Pointing game',
  'energy-pointing': 'Energy in the object',
  'box-overlap': 'Box overlap',
  'localisation-error-top1': 'Localisation error, top 1',
  'localisation-error-top5': 'Localisation error, top 5',
};

/** The title of a metric. */
export function metricTitle(metric: string): string {
  return metricTitles[metric] ?? metric;
}

/** What a curve shows, by its name in the file. */
export const curveTexts: Readonly<Record<string, { title: string; meaning: string; x: string }>> = {
  deletion: {
    title: 'Deletion',
    meaning:
      'The score while pixels are deleted, the most important first. A good map falls at once.',
    x: 'Share of deleted pixels',
  },
  insertion: {
    title: 'Insertion',
    meaning:
      'The score while pixels are put back, the most important first. A good map rises at once.',
    x: 'Share of inserted pixels',
  },
  'road-most': {
    title: 'ROAD, most relevant',
    meaning:
      'The change of the score where the most relevant pixels are filled in. A good map falls.',
    x: 'Share of filled pixels',
  },
  'road-least': {
    title: 'ROAD, least relevant',
    meaning:
      'The change of the score where the least relevant pixels are filled in. A good map stays.',
    x: 'Share of filled pixels',
  },
};

/** A number of the table. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  const text =
    size >= 1000
      ? value.toLocaleString('en', { maximumFractionDigits: 0 })
      : value.toFixed(size >= 100 ? 0 : size >= 10 ? 2 : 3);
  return text.replace('-', '−');
}
