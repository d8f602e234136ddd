import type { FlatNode } from './flat-graph.ts';

/** What Keras 3 puts behind the name of each layer when it traces a model for the second time, to save it. */
const AGAIN = /_1$/;

/**
 * Gives layers the names that their model has. Keras 3 saves a layer `conv1` as the scope `net_1/conv1_1`,
 * while its variables are still called `conv1/kernel`. Where the variables in the scopes beside each other
 * say so, and none says otherwise, their `_1` goes.
 */
export function tidyNames(nodes: readonly FlatNode[]): void {
  const scopes = listScopes(nodes);
  const evidence = weighEvidence(nodes);
  const renamed = new Map<string, string>();
  for (const [parent, children] of scopes) {
    const { yes = 0, no = 0 } = evidence.get(parent) ?? {};
    if (yes === 0 || no > 0) continue;
    const plain = [...children].map((child) => child.replace(AGAIN, ''));
    if (new Set(plain).size < children.size) continue;
    for (const child of children) renamed.set(parent + child, child.replace(AGAIN, ''));
  }
  if (renamed.size === 0) return;
  for (const node of nodes) node.name = rename(node.name, renamed);
}

/** The names below each scope, the scopes with a `/` at their end. */
function listScopes(nodes: readonly FlatNode[]): Map<string, Set<string>> {
  const scopes = new Map<string, Set<string>>();
  for (const { name } of nodes) {
    let parent = '';
    for (const part of name.split('/')) {
      const children = scopes.get(parent) ?? new Set();
      scopes.set(parent, children.add(part));
      parent += `${part}/`;
    }
  }
  return scopes;
}

interface Evidence {
  yes: number;
  no: number;
}

/** For each scope, the variables below it whose own names lack, or have, the `_1` of the scopes in it. */
function weighEvidence(nodes: readonly FlatNode[]): Map<string, Evidence> {
  const evidence = new Map<string, Evidence>();
  for (const { name, weight } of nodes) {
    const variable = weight?.variable ?? null;
    if (variable === null) continue;
    const own = new Set(variable.split('/'));
    let parent = '';
    for (const part of name.split('/').slice(0, -1)) {
      if (AGAIN.test(part)) {
        const found = evidence.get(parent) ?? { yes: 0, no: 0 };
        if (own.has(part)) found.no += 1;
        else if (own.has(part.replace(AGAIN, ''))) found.yes += 1;
        evidence.set(parent, found);
      }
      parent += `${part}/`;
    }
  }
  return evidence;
}

function rename(name: string, renamed: ReadonlyMap<string, string>): string {
  let parent = '';
  const parts = name.split('/').map((part) => {
    const found = renamed.get(parent + part) ?? part;
    parent += `${part}/`;
    return found;
  });
  return parts.join('/');
}
