/** Numbers that somebody sets, beside whether the thing is on at all. */
export interface ParameterField<Name extends string> {
  name: Name;
  label: string;
  help: string;
  isWhole: boolean;
}

export type Parameters<Name extends string> = { enabled: boolean } & Record<Name, number>;
/** The form's text for each number. */
export type Draft<Name extends string> = { enabled: boolean } & Record<Name, string>;

export function draftOf<Name extends string>(
  fields: readonly ParameterField<Name>[],
  values: Parameters<Name>,
): Draft<Name> {
  const texts = fields.map(({ name }) => [name, String(values[name])] as const);
  return { enabled: values.enabled, ...(Object.fromEntries(texts) as Record<Name, string>) };
}

/** What of a draft differs from what is in force; null when a text is not a number. */
export function changesOf<Name extends string>(
  fields: readonly ParameterField<Name>[],
  draft: Draft<Name>,
  current: Parameters<Name>,
): Partial<Parameters<Name>> | null {
  const changes: Partial<Record<string, number | boolean>> =
    draft.enabled === current.enabled ? {} : { enabled: draft.enabled };
  for (const { name, isWhole } of fields) {
    const text: string = draft[name];
    const value = Number(text);
    const isValid = text.trim() !== '' && Number.isFinite(value) && (!isWhole || Number.isInteger(value));
    if (!isValid) {
      return null;
    }
    if (value !== current[name]) {
      changes[name] = value;
    }
  }
  return changes as Partial<Parameters<Name>>;
}
