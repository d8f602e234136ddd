/**
 * Finds groups of modules that reach each other by imports: strongly connected components of more than one
 * module (Tarjan, SIAM Journal on Computing 1, 1972).
 *
 * @param {Iterable<{ readonly from: string, readonly to: string }>} edges
 * @returns {string[][]} each group sorted; the list is empty if there are no circles.
 */
export function findCircles(edges) {
  /** @type {Map<string, Set<string>>} */
  const next = new Map();
  for (const { from, to } of edges) {
    if (from !== to) next.set(from, (next.get(from) ?? new Set()).add(to));
  }
  /** @type {Map<string, number>} in which order a module was met */
  const order = new Map();
  /** @type {string[]} */
  const stack = [];
  /** @type {string[][]} */
  const circles = [];

  /** @param {string} module @returns {number} */
  const visit = (module) => {
    const own = order.size;
    order.set(module, own);
    stack.push(module);
    let low = own;
    for (const other of next.get(module) ?? []) {
      const met = order.get(other);
      if (met === undefined) low = Math.min(low, visit(other));
      else if (stack.includes(other)) low = Math.min(low, met);
    }
    if (low === own) {
      const group = stack.splice(stack.indexOf(module));
      if (group.length > 1) circles.push(group.sort());
    }
    return low;
  };
  for (const module of next.keys()) if (!order.has(module)) visit(module);
  return circles;
}
