import { Button } from '@mantine/core';
import { formatSpan } from '~/lib/format';
import { useNow } from '~/lib/now';
import { Note } from '~/ui/Note';
import { useTagEditor } from '../hooks/useTagEditor';
import type { SourceWithTags } from '../model/sourceFragment';
import { newTag, type TagDraft } from '../model/tagDraft';
import { TagTable } from './TagTable';

interface TagPanelProps {
  source: SourceWithTags;
  canChange: boolean;
  onSaved: () => void;
}

/** The tags of a source and where their values go. */
export function TagPanel({ source, canChange, onSaved }: TagPanelProps) {
  const editor = useTagEditor(source, onSaved);
  const now = useNow();
  const { drafts, problems, isChanged } = editor;
  const shownValue = (draft: TagDraft) => {
    const stored = source.tags.find(({ tag }) => tag === draft.tag.trim());
    return stored?.lastValueAt
      ? { value: stored.lastValue, detail: `${formatSpan(now - Date.parse(stored.lastValueAt))} ago` }
      : null;
  };
  return (
    <section className="pw-panel pw-stack" aria-labelledby="tags-title">
      <h2 id="tags-title">Tags</h2>
      {editor.isOutdated && (
        <Note role="alert">
          <p>Somebody else changed these tags meanwhile. Your changes cannot be saved over theirs.</p>
          <Button variant="default" className="pw-target" onClick={editor.reset}>
            Load what is stored now
          </Button>
        </Note>
      )}
      {editor.problem && <Note role="alert">{editor.problem.message}</Note>}
      {drafts.length > 0 ? (
        <TagTable
          drafts={drafts}
          problems={problems}
          protocol={source.protocol}
          isReadOnly={!canChange}
          valueTitle="Newest value"
          shownValue={shownValue}
          onChange={editor.change}
        />
      ) : (
        <p className="pw-dim">No tag is mapped: nothing is read.</p>
      )}
      {canChange && (
        <div className="pw-row">
          <Button
            className="pw-target"
            disabled={!isChanged || problems.size > 0 || editor.isSaving || editor.isOutdated}
            onClick={() => void editor.save()}
          >
            Save tags
          </Button>
          <Button
            variant="default"
            className="pw-target"
            onClick={() => editor.change([...drafts, newTag()])}
          >
            Add a tag
          </Button>
          {isChanged && (
            <Button variant="default" className="pw-target" onClick={editor.reset}>
              Undo the changes
            </Button>
          )}
        </div>
      )}
    </section>
  );
}
