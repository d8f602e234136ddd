/**
 * How n points approximate the integral along the path:
 * - `midpoint`: the middles of n equal parts. It handles the kinks of ReLU nets best.
 * - `trapezoid`: both ends and equally spaced points between them; each end has half the weight.
 * - `endpoints-mean`: the same points with equal weights, as in several libraries; the ends bias it.
 * - `gauss-legendre`: exact for polynomials up to degree 2n - 1. A ReLU net is not a polynomial.
 */
export type QuadratureRule = 'midpoint' | 'trapezoid' | 'endpoints-mean' | 'gauss-legendre';

/** A point of the path, in 0..1, with its weight. The weights of a rule sum to 1. */
export interface QuadraturePoint {
  readonly at: number;
  readonly weight: number;
}

/** The points of a rule on 0..1. A rule with both ends takes two points even if one is asked for. */
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

/** The roots of the Legendre polynomial, by Newton's method from their asymptotic values. */
function gaussLegendre(count: number): QuadraturePoint[] {
  return Array.from({ length: count }, (_, i) => {
    let x = -Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    let slope = 1;
    // The start is right to 3 digits and each step doubles that, so five steps exceed float64.
    for (let step = 0; step < 5; step++) {
      const [value, before] = legendre(count, x);
      slope = (count * (x * value - before)) / (x * x - 1);
      x -= value / slope;
    }
    return { at: (x + 1) / 2, weight: 1 / ((1 - x * x) * slope * slope) };
  });
}

/** P_n(x) and P_{n-1}(x), by the three-term recurrence. */
function legendre(n: number, x: number): [number, number] {
  let before = 1;
  let value = x;
  for (let k = 2; k <= n; k++) {
    [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
  }
  return [value, before];
}
