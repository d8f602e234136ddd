/** A record without the fields that were undefined. */
type WithoutUndefined<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Copies a record without its undefined fields, so that two records are equal when their JSON is equal. */
export function dropUndefined<const T extends object>(record: T): WithoutUndefined<T> {
  const defined = Object.entries(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as WithoutUndefined<T>;
}
