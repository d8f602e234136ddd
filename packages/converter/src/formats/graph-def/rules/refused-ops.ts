/** Why an op is not converted, by the beginning of its name. The first that fits counts. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [
    /^(Stateless|Stateful)?(Random|TruncatedNormal|ParameterizedTruncatedNormal|Multinomial)/,
    'it draws random numbers, as in training; save the model for inference',
  ],
  [
    /^(Stateless)?(While|Enter|RefEnter|Exit|NextIteration|LoopCond|Case$|TensorList|TensorArray)/,
    'loops are not supported',
  ],
  [/Table|^Lookup/, 'tables are not supported'],
  [
    /^(Decode|Parse|String|AsString|Regex|StaticRegex|ReadFile|Encode)/,
    'texts and encoded pictures are not supported; use a signature or output that takes pixels',
  ],
  [
    /^(PyFunc|EagerPyFunc|SymbolicGradient|XlaCallModule|TRTEngineOp|TPU)/,
    'it runs code that is not in the graph',
  ],
  [/^Placeholder/, 'nothing is fed to it: it is no input of the signature'],
];

/** Why an op that stands in no GraphModel is not converted. */
export function reasonToRefuse(op: string): string {
  const found = REASONS.find(([pattern]) => pattern.test(op));
  return found?.[1] ?? 'the operator is known neither to TensorFlow.js nor to gradcam';
}
