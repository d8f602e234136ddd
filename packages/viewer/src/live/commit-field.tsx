import { useEffect, useState } from 'preact/hooks';

/** A text field that reports its text when the reader presses Enter or leaves the field. */
export function CommitField(props: {
  label: string;
  value: string;
  list: readonly string[];
  hint: string;
  onCommit: (text: string) => void;
}) {
  const { label, value, list, hint, onCommit } = props;
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const commit = (): void => {
    if (text.trim() !== value) onCommit(text.trim());
  };
  const listId = `list-${label}`;
  return (
    <label class="field">
      {label}
      <input
        type="text"
        value={text}
        placeholder={hint}
        title={hint}
        list={list.length > 0 ? listId : undefined}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => setText(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === 'Enter' && commit()}
      />
      {list.length > 0 && (
        <datalist id={listId}>
          {list.map((entry) => (
            <option key={entry} value={entry} />
          ))}
        </datalist>
      )}
    </label>
  );
}
