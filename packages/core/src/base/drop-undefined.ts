/** A record whose fields may be absent where they may be undefined in `T`. */
export type WithoutUndefined<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** A copy of a record without its undefined fields: an optional field is absent, never undefined. */
export function dropUndefined<const T extends object>(record: T): WithoutUndefined<T> {
  const defined = Object.entries(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as WithoutUndefined<T>;
}
