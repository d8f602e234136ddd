import { GradcamError } from '../base/errors.ts';
import type { MapEvidence, RandomBaseline } from '../run/result-line.ts';

/** What was measured of one map. */
export interface MapFindings {
  /** Area under the deletion curve of the map; see `measureDeletion`. */
  readonly deletion: number;
  /** The same areas of the map with its values at random places; at least one. */
  readonly random: readonly number[];
  /**
   * Spearman's rank correlation with the map of the same net with noise as weights; `blank` where that map
   * has one value everywhere; null where it was not computed.
   */
  readonly randomised: number | 'blank' | null;
  /** What the score is called in the verdict; `probability`, `score`, .. */
  readonly scoreName: string;
}

/**
 * From this rank correlation on, a map counts as surviving the loss of all learnt weights. Adebayo et al.
 * set no limit; half is far above what unrelated maps of one picture reach and below what methods reach
 * that copy its edges.
 */
export const SURVIVES = 0.5;

/**
 * Judges a map by two questions. Does deleting it hurt the score more than deleting its values at random
 * places? It does where the area is below that of every random map: by chance that happens once in n + 1
 * times. Does the map survive the loss of all learnt weights? Then it shows the picture more than the
 * model.
 *
 * @returns the numbers with a verdict in one sentence, which says both answers.
 * @throws GradcamError `argument` without a random map.
 */
export function judgeMap({ deletion, random, randomised, scoreName }: MapFindings): MapEvidence {
  if (random.length === 0) {
    throw new GradcamError('argument', 'random: expected at least one area, got none');
  }
  const randomBaseline: RandomBaseline = {
    mean: random.reduce((sum, area) => sum + area, 0) / random.length,
    least: Math.min(...random),
    asLow: random.filter((area) => area <= deletion).length,
    maps: random.length,
  };
  const hurts = randomBaseline.asLow === 0;
  const survives = typeof randomised === 'number' && randomised >= SURVIVES;
  const rating = hurts ? (survives ? 'doubtful' : 'supported') : 'unsupported';
  const verdict = `${describeDeletion(deletion, randomBaseline, scoreName)}, ${describeRandomised(randomised, hurts)}`;
  const title = { supported: 'Supported', doubtful: 'Doubtful', unsupported: 'Not supported' }[
    rating
  ];
  const correlation = typeof randomised === 'number' ? randomised : null;
  return {
    deletion,
    randomBaseline,
    randomised: correlation,
    rating,
    verdict: `${title}: ${verdict}.`,
  };
}

/** The evidence of a map that was not examined. */
export function withoutEvidence(reason: string): MapEvidence {
  return {
    ...{ deletion: null, randomBaseline: null, randomised: null },
    ...{ rating: 'none', verdict: `No verdict: ${reason}.` },
  };
}

function describeDeletion(
  deletion: number,
  { mean, asLow, maps }: RandomBaseline,
  scoreName: string,
): string {
  const numbers = `${formatArea(deletion)}, at random places ${formatArea(mean)} on average`;
  if (asLow === 0) {
    return `deleting it lowers the ${scoreName} more than deleting the same at ${maps} random places (${numbers})`;
  }
  const as = asLow === 1 ? 'lowers' : 'lower';
  return `deleting it does not lower the ${scoreName} more than deleting the same at random places does (${numbers}; ${asLow} of ${maps} ${as} it as much)`;
}

function describeRandomised(randomised: MapFindings['randomised'], hurts: boolean): string {
  const joint = hurts ? 'and' : 'though';
  if (randomised === null) {
    return 'and there is no map with noise as weights, so whether it depends on them is unknown';
  }
  if (randomised === 'blank') return `${joint} nothing is left of it when all weights are noise`;
  const number = `rank correlation ${randomised.toFixed(2)}`;
  if (randomised < SURVIVES) {
    return `${joint} it changes when all weights are noise (${number})`;
  }
  const word = hurts ? 'but' : 'and';
  return `${word} it stays much the same when all weights are noise (${number}), so it shows the picture more than the model`;
}

/** Two decimals for probabilities, three significant digits for other scores. */
function formatArea(area: number): string {
  return Math.abs(area) < 10 ? area.toFixed(2) : String(Number(area.toPrecision(3)));
}
