import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { canManageMachines, useViewer } from '~/lib/viewer';
import { ErrorState } from '~/ui/ErrorState';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { type Template, useTemplates } from '../hooks/useTemplates';
import { eventWords, type NotificationEvent, variablesOf } from '../model/events';
import { type Language, languageWords } from '../model/languages';
import { NotificationTabs } from './NotificationTabs';
import { WordsEditor } from './WordsEditor';

interface ChosenProps {
  templates: readonly Template[];
  actions: ReturnType<typeof useTemplates>;
}

function Chosen({ templates, actions }: ChosenProps) {
  const canChange = canManageMachines(useViewer());
  const [event, setEvent] = useState<NotificationEvent>('ALERT_RAISED');
  const [language, setLanguage] = useState<Language>('EN');
  const events = [...new Set(templates.map((one) => one.event))];
  const ownOf = (one: NotificationEvent): boolean =>
    templates.some((template) => template.event === one && template.language === language && template.isOwn);
  const template = templates.find((one) => one.event === event && one.language === language);
  return (
    <>
      <div className="pw-row pw-row-end">
        <NativeSelect
          label="Event"
          size="md"
          value={event}
          onChange={(change) => setEvent(change.currentTarget.value as NotificationEvent)}
          data={events.map((value) => ({
            value,
            label: `${eventWords[value]}${ownOf(value) ? ' (own words)' : ''}`,
          }))}
        />
        <NativeSelect
          label="Language"
          size="md"
          value={language}
          onChange={(change) => setLanguage(change.currentTarget.value as Language)}
          data={Object.entries(languageWords).map(([value, label]) => ({ value, label }))}
        />
      </div>
      {template && (
        <WordsEditor
          key={`${event} ${language} ${template.subject} ${template.text}`}
          template={template}
          canChange={canChange}
          actions={actions}
        />
      )}
      <p className="pw-dim">
        In double braces stand names. For this event: {variablesOf(event).join(', ')}. Each channel has its
        language, and so has each person.
      </p>
    </>
  );
}

/** What messages say, per event and language. */
export function WordsPage() {
  const actions = useTemplates();
  const { templates, error, refetch } = actions;
  return (
    <>
      <PageHeader title="Notifications" />
      <NotificationTabs />
      {!templates && error && (
        <ErrorState what="The words could not be loaded." error={error} onRetry={refetch} />
      )}
      {!templates && !error && <SkeletonRows label="Loading the words" count={4} />}
      {templates && <Chosen templates={templates} actions={actions} />}
    </>
  );
}
