/** A record in which a field whose value was undefined is absent. */
type WithoutUndefined<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Copies a record without its undefined fields, which stand for flags that were not given. */
export function dropUndefined<const T extends object>(record: T): WithoutUndefined<T> {
  const defined = Object.entries(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as WithoutUndefined<T>;
}
