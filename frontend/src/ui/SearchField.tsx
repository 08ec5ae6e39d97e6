import { TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';

const settleMs = 300;

interface SearchFieldProps {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
}

/** Text that filters a list shortly after the last key. */
export function SearchField({ label, placeholder, value, onChange }: SearchFieldProps) {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const handleChange = (next: string): void => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange(next.trim()), settleMs);
  };
  return (
    <TextInput
      label={label}
      type="search"
      size="md"
      placeholder={placeholder}
      value={text}
      onChange={(event) => handleChange(event.currentTarget.value)}
    />
  );
}
