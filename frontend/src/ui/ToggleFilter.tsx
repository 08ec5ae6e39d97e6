import classes from './ToggleFilter.module.css';

interface ToggleFilterProps<Word extends string> {
  label: string;
  words: readonly Word[];
  selected: readonly Word[];
  describe: (word: Word) => string;
  onChange: (selected: Word[]) => void;
}

/** A row of switches; none pressed means all are shown. */
export function ToggleFilter<Word extends string>(props: ToggleFilterProps<Word>) {
  const { label, words, selected, describe, onChange } = props;
  const handleToggle = (word: Word): void => {
    onChange(selected.includes(word) ? selected.filter((item) => item !== word) : [...selected, word]);
  };
  return (
    <fieldset className={classes.group}>
      <legend className={classes.label}>{label}</legend>
      {words.map((word) => (
        <button
          key={word}
          type="button"
          className={classes.toggle}
          aria-pressed={selected.includes(word)}
          onClick={() => handleToggle(word)}
        >
          {describe(word)}
        </button>
      ))}
    </fieldset>
  );
}
