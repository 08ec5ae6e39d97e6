import tables from '~/ui/DataTable.module.css';
import type { AgentDetail } from '../model/agentFragment';
import { compareParts } from '../model/agentState';
import { SourceRows } from './SourceRows';
import classes from './SourceTable.module.css';

type SourceTableProps = Pick<AgentDetail, 'state' | 'sources' | 'clockOffsetMs'>;

/** What the agent reads, those that need a person first. */
export function SourceTable({ state, sources, clockOffsetMs }: SourceTableProps) {
  return (
    <section className="pw-stack" aria-labelledby="sources-title">
      <h2 id="sources-title">{state === 'SILENT' ? 'Sources, as last heard' : 'Sources'}</h2>
      {sources.length === 0 ? (
        <p className="pw-panel pw-dim">The agent reads nothing yet. Add a [[source]] to its configuration.</p>
      ) : (
        <div className={tables.frame}>
          <table className={`${tables.table} ${classes.table}`}>
            <caption className="pw-hidden">Sources of the agent</caption>
            <thead>
              <tr>
                <th scope="col">State</th>
                <th scope="col">Source</th>
                <th scope="col" data-number>
                  Last reading
                </th>
                <th scope="col" data-number>
                  Waiting
                </th>
                <th scope="col" data-number>
                  Dropped
                </th>
                <th scope="col" data-number>
                  Gaps
                </th>
                <th scope="col" data-number title="What could not become a reading, or was refused">
                  Dead letters
                </th>
              </tr>
            </thead>
            {sources.toSorted(compareParts).map((source) => (
              <SourceRows key={source.name} source={source} clockOffsetMs={clockOffsetMs} />
            ))}
          </table>
        </div>
      )}
    </section>
  );
}
