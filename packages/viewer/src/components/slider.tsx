/** A slider with its name and its value as text. */
export function Slider(props: {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  format: (value: number) => string;
  onSlide: (value: number) => void;
}) {
  const { label, value, min, max, step, format, onSlide } = props;
  return (
    <label class="slider">
      <span aria-hidden="true">{label}</span>
      <input
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-label={label}
        aria-valuetext={format(value)}
        // Sums of tenths are not exact, so the stored value is rounded to the digits that the reader sees.
        onInput={(event) => onSlide(Number(Number(event.currentTarget.value).toFixed(3)))}
      />
      <span class="slider-value" aria-hidden="true">
        {format(value)}
      </span>
    </label>
  );
}
