/** Names of a model's classes, in index order. */
export interface ClassNames {
  /** `name` or `name, synonym, ..` */
  readonly labels: readonly string[];
  /** WordNet ids; empty where the classes have none. */
  readonly wnids: readonly string[];
}

/**
 * Reads a list of labels: synset lines (`n02108089 boxer`), plain lines, a JSON list of names, or
 * the JSON object of Keras (`{"242": ["n02108089", "boxer"]}`).
 *
 * @throws SyntaxError for text that begins like JSON and is not.
 */
export function parseLabels(text: string): ClassNames {
  const trimmed = text.trim();
  if (trimmed.startsWith('[')) return splitLines((JSON.parse(trimmed) as unknown[]).map(String));
  if (trimmed.startsWith('{')) {
    const entries = Object.entries(JSON.parse(trimmed) as Record<string, unknown>)
      .map(
        ([index, value]) =>
          [Number(index), Array.isArray(value) ? value.join(' ') : value] as const,
      )
      .sort(([a], [b]) => a - b);
    return splitLines(entries.map(([, value]) => String(value)));
  }
  return splitLines(trimmed.split(/\r?\n/));
}

function splitLines(lines: readonly string[]): ClassNames {
  const parsed = lines.map((line) => /^(n\d{8})[\s,]+(.*)$/.exec(line.trim()));
  if (lines.length > 0 && parsed.every((match) => match !== null)) {
    return {
      labels: parsed.map((match) => match[2]!.trim()),
      wnids: parsed.map((match) => match[1]!),
    };
  }
  return { labels: lines.map((line) => line.trim()), wnids: [] };
}

/** The first of a label's synonyms: short enough for a caption. */
export function shortLabel(label: string): string {
  return label.split(',')[0]!.trim();
}
