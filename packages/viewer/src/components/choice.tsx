import { useId } from 'preact/hooks';

/** A row of buttons, one of which is pressed. They are radio buttons, so that the arrow keys work. */
export function Choice<T extends string>(props: {
  label: string;
  options: readonly { readonly value: T; readonly text: string }[];
  chosen: T;
  onChoose: (value: T) => void;
}) {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend class="visually-hidden">{props.label}</legend>
      {props.options.map(({ value, text }) => (
        <label key={value}>
          <input
            type="radio"
            name={name}
            value={value}
            checked={value === props.chosen}
            onChange={() => props.onChoose(value)}
          />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}
