import { NativeSelect } from '@mantine/core';

interface NamedFilterProps {
  label: string;
  /** Text of the choice that stands for none. */
  emptyLabel: string;
  /** Text for a value that is not among the items. */
  unlistedLabel: string;
  items: readonly { id: string; name: string }[];
  value: string | undefined;
  onChange: (id: string | undefined) => void;
}

/** Chooses one thing by its name, or none. */
export function NamedFilter({ label, emptyLabel, unlistedLabel, items, value, onChange }: NamedFilterProps) {
  const isListed = value === undefined || items.some(({ id }) => id === value);
  return (
    <NativeSelect
      label={label}
      size="md"
      value={value ?? ''}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
      data={[
        { value: '', label: emptyLabel },
        ...items.map(({ id, name }) => ({ value: id, label: name })),
        ...(isListed ? [] : [{ value: value ?? '', label: unlistedLabel }]),
      ]}
    />
  );
}
