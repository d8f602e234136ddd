/** Names of all methods, in the order of help texts and menus. */
export const methodNames = [
  ...(['grad-cam', 'grad-cam-plus-plus', 'hires-cam', 'layer-cam', 'xgrad-cam'] as const),
  ...(['grad-cam-elementwise', 'cam', 'eigen-cam', 'eigen-grad-cam', 'random-cam'] as const),
  ...(['gradient', 'input-x-gradient', 'guided-backprop', 'deconvnet', 'guided-grad-cam'] as const),
  ...(['score-cam', 'ablation-cam', 'finer-cam', 'smooth-grad-cam-plus-plus'] as const),
  ...([
    'smoothgrad',
    'smoothgrad-squared',
    'vargrad',
    'integrated-gradients',
    'full-grad',
  ] as const),
  ...(['occlusion', 'rise', 'cnn-fixations'] as const),
] as const;

/** The name of a method, as typed on the command line. */
export type MethodName = (typeof methodNames)[number];

/** The name of a method, or an alias of it: see `findMethod`. */
export type MethodChoice = MethodName | (string & {});
