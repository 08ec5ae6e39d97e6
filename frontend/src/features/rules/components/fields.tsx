import { NativeSelect, TextInput } from '@mantine/core';
import { createContext, useContext } from 'react';
import type { RuleMachine } from '../model/operations';
import type { Problems } from '../model/ruleInput';
import classes from './Rules.module.css';

/** What all fields of a rule need to know. */
export interface RuleFacts {
  machines: readonly RuleMachine[];
  /** The machines that the rule watches: of a template all of its kind. */
  watched: readonly RuleMachine[];
  problems: Problems;
  isReadOnly: boolean;
}

export const RuleFactsContext = createContext<RuleFacts>({
  machines: [],
  watched: [],
  problems: {},
  isReadOnly: true,
});

export function useRuleFacts(): RuleFacts {
  return useContext(RuleFactsContext);
}

interface TextFieldProps {
  label: string;
  path: string;
  value: string;
  placeholder?: string;
  className?: string;
  onChange: (value: string) => void;
}

/** One text, number or duration, with what is wrong with it beside it. */
export function TextField({ label, path, value, placeholder, className, onChange }: TextFieldProps) {
  const { problems, isReadOnly } = useRuleFacts();
  return (
    <TextInput
      label={label}
      size="md"
      autoComplete="off"
      className={className ?? classes.short}
      placeholder={placeholder}
      value={value}
      readOnly={isReadOnly}
      error={problems[path]}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  path?: string;
  value: Value;
  words: Readonly<Record<Value, string>>;
  onChange: (value: Value) => void;
}

export function Choice<Value extends string>({ label, path, value, words, onChange }: ChoiceProps<Value>) {
  const { problems, isReadOnly } = useRuleFacts();
  return (
    <NativeSelect
      label={label}
      size="md"
      disabled={isReadOnly}
      value={value}
      error={path ? problems[path] : undefined}
      data={Object.entries<string>(words).map(([name, word]) => ({ value: name, label: word }))}
      onChange={(event) => onChange(event.currentTarget.value as Value)}
    />
  );
}
