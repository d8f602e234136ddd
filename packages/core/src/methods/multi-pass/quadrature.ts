/**
 * How the integral along the path is approximated by n points:
 * - `midpoint`: the middles of n equal parts; the best of these on the kinks of ReLU nets.
 * - `trapezoid`: both ends and equal steps between, the ends half.
 * - `endpoints-mean`: the same points, all alike, as several peers do; biased by the ends.
 * - `gauss-legendre`: exact for polynomials up to degree 2n - 1, which a ReLU net is not.
 */
export type QuadratureRule = 'midpoint' | 'trapezoid' | 'endpoints-mean' | 'gauss-legendre';

/** A point in 0..1 and its weight; the weights of a rule sum to 1. */
export interface QuadraturePoint {
  readonly at: number;
  readonly weight: number;
}

/** Points of a rule on 0..1. A rule with both ends needs two points at least and takes them. */
export function quadraturePoints(rule: QuadratureRule, count: number): QuadraturePoint[] {
  if (rule === 'gauss-legendre') return gaussLegendre(count);
  if (rule === 'midpoint') {
    return Array.from({ length: count }, (_, i) => ({
      at: (i + 0.5) / count,
      weight: 1 / count,
    }));
  }
  const last = Math.max(2, count) - 1;
  return Array.from({ length: last + 1 }, (_, i) => {
    const isEnd = i === 0 || i === last;
    const weight = rule === 'endpoints-mean' ? 1 / (last + 1) : (isEnd ? 0.5 : 1) / last;
    return { at: i / last, weight };
  });
}

/** Roots of the Legendre polynomial by Newton's method from their asymptotic places. */
function gaussLegendre(count: number): QuadraturePoint[] {
  return Array.from({ length: count }, (_, i) => {
    let x = -Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    let slope = 1;
    // Quadratic convergence: the start is good to 3 digits, five steps are more than float64 holds.
    for (let step = 0; step < 5; step++) {
      const [value, before] = legendre(count, x);
      slope = (count * (x * value - before)) / (x * x - 1);
      x -= value / slope;
    }
    return { at: (x + 1) / 2, weight: 1 / ((1 - x * x) * slope * slope) };
  });
}

/** P_n(x) and P_{n-1}(x) by the three-term recurrence. */
function legendre(n: number, x: number): [number, number] {
  let before = 1;
  let value = x;
  for (let k = 2; k <= n; k++) {
    [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
  }
  return [value, before];
}
