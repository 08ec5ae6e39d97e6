import { Button } from '@mantine/core';
import {
  freeKey,
  type GroupDraft,
  isGroup,
  type LeafDraft,
  leafWords,
  type NodeDraft,
  newGroup,
  newLeaf,
} from '../model/conditions';
import { Choice, TextField, useRuleFacts } from './fields';
import { LeafNumbers, MetricFields } from './LeafFields';
import classes from './Rules.module.css';

interface TimingProps {
  node: NodeDraft;
  path: string;
  onChange: (part: { held?: string; count?: string; within?: string }) => void;
}

function Timing({ node, path, onChange }: TimingProps) {
  return (
    <>
      <TextField
        label="For at least"
        placeholder="at once"
        path={`${path}.forSeconds`}
        value={node.held}
        onChange={(held) => onChange({ held })}
      />
      <TextField
        label="Times"
        path={`${path}.count`}
        value={node.count}
        onChange={(count) => onChange({ count })}
      />
      {node.count !== '1' && (
        <TextField
          label="Within"
          placeholder="10 min"
          path={`${path}.withinSeconds`}
          value={node.within}
          onChange={(within) => onChange({ within })}
        />
      )}
    </>
  );
}

interface NodeProps {
  /** Such as `1.2`: how people and screen readers tell conditions apart. */
  place: string;
  path: string;
  takenKeys: ReadonlySet<string>;
  onRemove: (() => void) | undefined;
}

function LeafEditor({
  leaf,
  onChange,
  ...props
}: NodeProps & { leaf: LeafDraft; onChange: (leaf: LeafDraft) => void }) {
  const { place, path, onRemove } = props;
  const { problems, isReadOnly } = useRuleFacts();
  const change = (part: Partial<LeafDraft>): void => onChange({ ...leaf, ...part });
  return (
    <section className={classes.leaf} aria-label={`Condition ${place}`}>
      <div className={classes.fields}>
        <Choice label="Condition" value={leaf.kind} words={leafWords} onChange={(kind) => change({ kind })} />
        <MetricFields leaf={leaf} path={path} onChange={change} />
        <LeafNumbers leaf={leaf} path={path} onChange={change} />
        <Timing node={leaf} path={path} onChange={change} />
        {!isReadOnly && onRemove && (
          <Button
            variant="default"
            className={`pw-target ${classes.beside}`}
            aria-label={`Remove condition ${place}`}
            onClick={onRemove}
          >
            Remove
          </Button>
        )}
      </div>
      {problems[path] && <p className={classes.problem}>{problems[path]}</p>}
    </section>
  );
}

const deepest = 5;

interface GroupEditorProps extends NodeProps {
  group: GroupDraft;
  depth: number;
  onChange: (group: GroupDraft) => void;
}

/** Conditions joined by AND or OR; a part may be a group again. */
export function GroupEditor({ group, depth, onChange, ...props }: GroupEditorProps) {
  const { place, path, takenKeys, onRemove } = props;
  const { problems, isReadOnly } = useRuleFacts();
  const setPart = (index: number, part: NodeDraft): void =>
    onChange({ ...group, parts: group.parts.map((old, at) => (at === index ? part : old)) });
  const add = (part: NodeDraft): void => onChange({ ...group, parts: [...group.parts, part] });
  return (
    <fieldset className={classes.group}>
      <legend>{place ? `Group ${place}` : 'Conditions'}</legend>
      <div className={classes.fields}>
        <Choice
          label="True when"
          value={group.kind}
          words={{ allOf: 'all of them hold (AND)', anyOf: 'any of them holds (OR)' }}
          onChange={(kind) => onChange({ ...group, kind })}
        />
        <Timing node={group} path={path} onChange={(part) => onChange({ ...group, ...part })} />
      </div>
      {group.parts.map((part, index) => {
        const own = {
          place: place ? `${place}.${index + 1}` : `${index + 1}`,
          path: `${path}.conditions.${index}`,
          takenKeys,
          onRemove: () => onChange({ ...group, parts: group.parts.filter((_, at) => at !== index) }),
        };
        return isGroup(part) ? (
          <GroupEditor
            key={part.id}
            {...own}
            group={part}
            depth={depth + 1}
            onChange={(changed) => setPart(index, changed)}
          />
        ) : (
          <LeafEditor key={part.id} {...own} leaf={part} onChange={(changed) => setPart(index, changed)} />
        );
      })}
      {problems[`${path}.conditions`] && <p className={classes.problem}>{problems[`${path}.conditions`]}</p>}
      {!isReadOnly && (
        <div className="pw-row">
          <Button variant="default" className="pw-target" onClick={() => add(newLeaf(freeKey(takenKeys)))}>
            Add condition{place && ` to group ${place}`}
          </Button>
          {depth < deepest && (
            <Button
              variant="default"
              className="pw-target"
              onClick={() => add(newGroup([newLeaf(freeKey(takenKeys))], { kind: 'anyOf' }))}
            >
              Add group{place && ` to group ${place}`}
            </Button>
          )}
          {onRemove && (
            <Button variant="default" className="pw-target" onClick={onRemove}>
              Remove group {place}
            </Button>
          )}
        </div>
      )}
    </fieldset>
  );
}
