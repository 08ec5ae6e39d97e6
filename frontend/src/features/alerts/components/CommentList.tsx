import { Button, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { formatDateTime } from '~/lib/format';
import { Note } from '~/ui/Note';
import { useAlertActions } from '../hooks/useAlertActions';
import type { Triage } from '../hooks/useTriage';
import classes from './Triage.module.css';

interface CommentListProps {
  alertId: string;
  comments: Triage['alert']['comments'];
  onChanged: () => void;
}

/** What people wrote and what happened, in the order of time. */
export function CommentList({ alertId, comments, onChanged }: CommentListProps) {
  const { comment } = useAlertActions();
  const [body, setBody] = useState('');
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const refused = await comment(alertId, body);
    setProblem(refused);
    if (!refused) {
      setBody('');
      onChanged();
    }
  };
  return (
    <section className="pw-panel pw-stack" aria-label="Story">
      <h2>Story</h2>
      <ol className={classes.list}>
        {comments.map(({ id, isSystem, body: text, at, author }) => (
          <li key={id} data-system={isSystem || undefined} className={classes.entry}>
            <p className={classes.facts}>
              <time dateTime={at}>{formatDateTime(at)}</time>
              {author && <span>{author.fullName}</span>}
            </p>
            <p className={classes.body}>{text}</p>
          </li>
        ))}
      </ol>
      <form className="pw-stack" onSubmit={(event) => void handleSubmit(event)}>
        {problem && <Note role="alert">{problem.message}</Note>}
        <Textarea
          label="Add a comment"
          rows={2}
          maxLength={10_000}
          value={body}
          onChange={(event) => setBody(event.currentTarget.value)}
        />
        <div>
          <Button type="submit" variant="default" className="pw-target" disabled={!body.trim()}>
            Add
          </Button>
        </div>
      </form>
    </section>
  );
}
