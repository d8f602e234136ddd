/** The scores that the metrics of faithfulness can follow. */
export const scoreKinds = ['probability', 'logit'] as const;

/** What the metric deletion puts in place of a pixel that it takes away. */
export const replacementKinds = ['zero', 'mean', 'blur'] as const;
