/** How a part of a view is written into a permalink and read from it. */
export interface Field<T> {
  readonly name: string;
  write(value: T): string;
  /** Returns undefined for a text that `write` never produces. */
  read(text: string): T | undefined;
}

/** A field for each part of a view. */
export type Fields<V> = { readonly [K in keyof V]: Field<V[K]> };

/** Writes and reads the permalinks of a kind of view. */
export interface Permalinks<V> {
  /** The fragment of a view's permalink, `#` included; empty for the default view. */
  write(view: V): string;
  /** Reads the view from a permalink's fragment. Unknown or invalid parts fall back to the default. */
  read(fragment: string): V;
}

/**
 * Creates permalinks that contain only the parts that differ from the default view. A part that is null is
 * left out.
 */
export function createPermalinks<V extends object>(fields: Fields<V>, defaults: V): Permalinks<V> {
  const keys = Object.keys(fields) as (keyof V)[];
  return {
    write(view) {
      const parameters = new URLSearchParams();
      for (const key of keys) {
        const value = view[key];
        if (value !== defaults[key] && value !== null) {
          parameters.set(fields[key].name, fields[key].write(value));
        }
      }
      const text = parameters.toString();
      return text === '' ? '' : `#${text}`;
    },
    read(fragment) {
      const parameters = new URLSearchParams(fragment.replace(/^#/, ''));
      const view = { ...defaults };
      for (const key of keys) {
        const text = parameters.get(fields[key].name);
        const value = text === null ? undefined : fields[key].read(text);
        if (value !== undefined) view[key] = value;
      }
      return view;
    },
  };
}

// The fields write no null: a part of the view that is null is left out.

export function textField<T extends string | null>(name: string): Field<T> {
  return { name, write: (value) => value ?? '', read: (text) => text as T };
}

export function choiceField<T extends string | null>(
  name: string,
  choices: readonly (T & string)[],
): Field<T> {
  return {
    name,
    write: (value) => value ?? '',
    read: (text) => choices.find((choice) => choice === text),
  };
}

/** `on` or `off`. */
export function switchField(name: string): Field<boolean> {
  return {
    name,
    write: (isOn) => (isOn ? 'on' : 'off'),
    read: (text) => (text === 'on' || text === 'off' ? text === 'on' : undefined),
  };
}

/** A whole number from 0 on. */
export function countField<T extends number | null>(name: string): Field<T> {
  return {
    name,
    write: (value) => String(value),
    read: (text) => (/^\d+$/.test(text) ? (Number(text) as T) : undefined),
  };
}

export function numberField<T extends number | null>(
  name: string,
  lowest: number,
  highest: number,
): Field<T> {
  return {
    name,
    write: (value) => String(value),
    read: (text) => {
      const value = text.trim() === '' ? NaN : Number(text);
      // NaN fails both comparisons.
      return value >= lowest && value <= highest ? (value as T) : undefined;
    },
  };
}
