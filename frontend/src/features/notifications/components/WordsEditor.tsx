import { Button, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { Note } from '~/ui/Note';
import type { Template, useTemplates } from '../hooks/useTemplates';
import classes from './Notifications.module.css';

interface WordsEditorProps {
  template: Template;
  canChange: boolean;
  actions: Pick<ReturnType<typeof useTemplates>, 'save' | 'remove' | 'preview' | 'refetch'>;
}

/** The words for one event in one language, with a look at how they read. */
export function WordsEditor({ template, canChange, actions }: WordsEditorProps) {
  const { event, language, isOwn } = template;
  const [subject, setSubject] = useState(template.subject);
  const [text, setText] = useState(template.text);
  const [preview, setPreview] = useState<{ subject: string; text: string } | null>(null);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const isChanged = subject !== template.subject || text !== template.text;
  const input = { event, language, subject, text };
  const handlePreview = async (): Promise<void> => {
    const outcome = await actions.preview(input);
    setProblem(outcome.ok ? null : outcome.problem);
    setPreview(outcome.ok ? outcome.value.preview : null);
  };
  const handleSave = async (submitted: FormEvent): Promise<void> => {
    submitted.preventDefault();
    const outcome = await actions.save(input);
    setProblem(outcome.ok ? null : outcome.problem);
    actions.refetch();
  };
  const handleRemove = async (): Promise<void> => {
    const outcome = await actions.remove({ event, language });
    setProblem(outcome.ok ? null : outcome.problem);
    actions.refetch();
  };
  return (
    <form className="pw-panel pw-stack" noValidate onSubmit={(submitted) => void handleSave(submitted)}>
      <p className="pw-dim">{isOwn ? 'These are your own words.' : 'These are the built-in words.'}</p>
      <TextInput
        label="Subject"
        size="md"
        maxLength={200}
        readOnly={!canChange}
        value={subject}
        error={problem?.path.includes('subject') ? problem.message : undefined}
        onChange={(change) => setSubject(change.currentTarget.value)}
      />
      <Textarea
        label="Text"
        size="md"
        rows={6}
        resize="vertical"
        maxLength={4000}
        readOnly={!canChange}
        value={text}
        error={problem?.path.includes('text') ? problem.message : undefined}
        onChange={(change) => setText(change.currentTarget.value)}
      />
      {problem && !problem.path.includes('subject') && !problem.path.includes('text') && (
        <Note role="alert">{problem.message}</Note>
      )}
      {canChange && (
        <div className="pw-row">
          <Button type="submit" className="pw-target" disabled={!isChanged}>
            Save
          </Button>
          <Button variant="default" className="pw-target" onClick={() => void handlePreview()}>
            Preview
          </Button>
          {isOwn && (
            <Button variant="default" className="pw-target" onClick={() => void handleRemove()}>
              Use the built-in words again
            </Button>
          )}
        </div>
      )}
      {preview && (
        <section className="pw-panel" aria-label="Preview">
          <strong>{preview.subject}</strong>
          <p className={classes.text}>{preview.text}</p>
        </section>
      )}
    </form>
  );
}
