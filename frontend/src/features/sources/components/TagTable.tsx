import tables from '~/ui/DataTable.module.css';
import type { SourceProtocol } from '../model/sourceFragment';
import type { TagDraft, TagProblems } from '../model/tagDraft';
import { type ShownValue, TagRow } from './TagRow';
import classes from './TagTable.module.css';

interface TagTableProps {
  drafts: readonly TagDraft[];
  problems: ReadonlyMap<string, TagProblems>;
  /** Null for the columns of a file. */
  protocol: SourceProtocol | null;
  isReadOnly: boolean;
  /** What stands in the last column, such as the value a mapping gives. */
  valueTitle: string;
  shownValue: (draft: TagDraft) => ShownValue | null;
  onChange: (drafts: TagDraft[]) => void;
}

/** Where the values of tags go, a row each; editable for those who may. */
export function TagTable(props: TagTableProps) {
  const { drafts, problems, protocol, isReadOnly, shownValue, onChange } = props;
  const replace = (key: string, part: Partial<TagDraft>): void =>
    onChange(drafts.map((draft) => (draft.key === key ? { ...draft, ...part } : draft)));
  return (
    <div className={tables.frame}>
      <table className={classes.table}>
        <caption className="pw-hidden">Tags and their metrics</caption>
        <thead>
          <tr>
            <th scope="col">Read</th>
            <th scope="col">{protocol === 'OPC_UA' ? 'Node' : protocol ? 'Register' : 'Column or key'}</th>
            <th scope="col">Metric</th>
            <th scope="col">Unit</th>
            {protocol === 'MODBUS_TCP' && <th scope="col">Type and order</th>}
            <th scope="col">× Scale</th>
            <th scope="col">+ Offset</th>
            <th scope="col" className={classes.value}>
              {props.valueTitle}
            </th>
            {!isReadOnly && <td />}
          </tr>
        </thead>
        <tbody>
          {drafts.map((draft, place) => (
            <TagRow
              key={draft.key}
              draft={draft}
              name={draft.metricName || `row ${place + 1}`}
              problems={problems.get(draft.key) ?? {}}
              isModbus={protocol === 'MODBUS_TCP'}
              isReadOnly={isReadOnly}
              value={shownValue(draft)}
              valueTitle={props.valueTitle}
              onChange={(part) => replace(draft.key, part)}
              onRemove={() => onChange(drafts.filter(({ key }) => key !== draft.key))}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}
