import classes from './Notifications.module.css';

interface ChoicesProps<Value extends string> {
  label: string;
  hint?: string;
  problem?: string;
  options: readonly { value: Value; label: string }[];
  selected: readonly Value[];
  onChange: (selected: Value[]) => void;
}

/** Some of several, as boxes to tick. */
export function Choices<Value extends string>(props: ChoicesProps<Value>) {
  const { label, hint, problem, options, selected, onChange } = props;
  const toggle = (value: Value): void =>
    onChange(selected.includes(value) ? selected.filter((one) => one !== value) : [...selected, value]);
  return (
    <fieldset className={classes.choices} aria-invalid={problem ? true : undefined}>
      <legend>{label}</legend>
      {hint && <p className={`pw-dim ${classes.wholeLine}`}>{hint}</p>}
      {options.map(({ value, label: text }) => (
        <label key={value} className={classes.choice}>
          <input type="checkbox" checked={selected.includes(value)} onChange={() => toggle(value)} />
          {text}
        </label>
      ))}
      {problem && (
        <p className={classes.wholeLine} role="alert">
          {problem}
        </p>
      )}
    </fieldset>
  );
}
