import { GradcamError } from '../../base/errors.ts';

/** Types whose results are those of float32 except for rounding. TensorFlow 2.0 may infer them. */
const floatingPoint = /^((mixed_)?b?float(16|32|64)|_?infer(_with_float32_vars)?)$/;

/**
 * Refuses layers that float32 cannot compute: a quantised layer has other weights, and an integer layer
 * rounds.
 *
 * @param dtype the value in the configuration of the layer.
 * @throws GradcamError `unsupported` naming the layer and the type.
 */
export function checkDtype(layer: string, dtype: unknown): void {
  const names = listDtypes(dtype);
  if (names.every((name) => floatingPoint.test(name))) return;
  throw new GradcamError(
    'unsupported',
    `layer ${layer}: attribute dtype is ${JSON.stringify(dtype)}, expected a type of floating point: the engines compute in float32`,
  );
}

/**
 * The types in a dtype: a name, or an object of Keras for a policy. The mode of a quantised policy is
 * its type.
 */
function listDtypes(dtype: unknown): readonly string[] {
  if (dtype === undefined || dtype === null) return [];
  if (typeof dtype === 'string') return [dtype];
  const { class_name: className, config } = dtype as {
    class_name?: unknown;
    config?: { name?: unknown; default_policy?: unknown; policy_map?: Record<string, unknown> };
  };
  if (className === 'DTypePolicyMap') {
    return [config?.default_policy, ...Object.values(config?.policy_map ?? {})].flatMap(listDtypes);
  }
  return /^(Float)?(DType)?Policy(V1)?$/.test(String(className))
    ? [String(config?.name)]
    : [String(className)];
}
