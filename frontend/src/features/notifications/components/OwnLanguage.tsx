import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { ErrorState } from '~/ui/ErrorState';
import { useOwnLanguage } from '../hooks/useOwnLanguage';
import { type Language, languageWords } from '../model/languages';

const choices = Object.entries(languageWords).map(([value, label]) => ({ value, label }));

/** In which language one is told oneself; saved when it is chosen. */
export function OwnLanguage() {
  const { language, error, refetch, choose } = useOwnLanguage();
  const [problem, setProblem] = useState<string | null>(null);
  if (error && !language) {
    return <ErrorState what="The language could not be loaded." error={error} onRetry={refetch} />;
  }
  return (
    <NativeSelect
      label="Language of what I am told"
      description="By e-mail and in my browsers."
      data={choices}
      disabled={!language}
      value={language ?? 'EN'}
      error={problem}
      onChange={(event) => {
        void choose(event.currentTarget.value as Language).then((outcome) =>
          setProblem(outcome.ok ? null : outcome.problem.message),
        );
      }}
    />
  );
}
