import { Button } from '@mantine/core';
import { useState } from 'react';
import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { useQuietMutations } from '../hooks/useQuietMutations';
import { type QuietHours, quietText, type Scope } from '../model/quietHours';
import { QuietDialog } from './QuietDialog';

interface QuietPanelProps {
  title: string;
  scope: Scope;
  channelId?: string;
  quiet: QuietHours | null;
  /** What holds while none are set. */
  instead: string;
  canEdit: boolean;
  onChanged: () => void;
}

/** The quiet hours of somebody, in a sentence, and what may be done with them. */
export function QuietPanel(props: QuietPanelProps) {
  const { title, scope, channelId, quiet, instead, canEdit, onChanged } = props;
  const { remove } = useQuietMutations();
  const [open, setOpen] = useState<'edit' | 'drop' | null>(null);
  const close = (): void => setOpen(null);
  return (
    <section className="pw-panel pw-spread" aria-label={title}>
      <div>
        <h2>{title}</h2>
        <p>{quiet ? quietText(quiet) : <span className="pw-dim">None set. {instead}</span>}</p>
      </div>
      {canEdit && (
        <div className="pw-row">
          <Button
            variant="default"
            className="pw-target"
            aria-label={`${quiet ? 'Change' : 'Set'}: ${title}`}
            onClick={() => setOpen('edit')}
          >
            {quiet ? 'Change' : 'Set'}
          </Button>
          {quiet && (
            <Button
              variant="default"
              className="pw-target"
              aria-label={`Drop: ${title}`}
              onClick={() => setOpen('drop')}
            >
              Drop
            </Button>
          )}
        </div>
      )}
      {open === 'edit' && (
        <QuietDialog
          title={title}
          scope={scope}
          channelId={channelId}
          quiet={quiet}
          onClose={close}
          onChanged={onChanged}
        />
      )}
      {open === 'drop' && (
        <ConfirmDialog
          title={`Drop: ${title}`}
          action="Drop them"
          onConfirm={() => remove(scope, channelId)}
          onDone={onChanged}
          onClose={close}
        >
          {instead} What waits is told at once where nothing else holds it.
        </ConfirmDialog>
      )}
    </section>
  );
}
