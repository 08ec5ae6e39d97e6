import { formatValue, toWords } from '~/lib/format';
import tables from '~/ui/DataTable.module.css';
import type { Reference } from '../hooks/useReference';
import classes from './CorrelationTable.module.css';

type Metric = Reference['metrics'][number];

function Cell({ correlation }: { correlation: number | null }) {
  if (correlation === null) {
    return <td data-number>–</td>;
  }
  const size = `${Math.round(Math.abs(correlation) * 100)}%`;
  return (
    <td data-number className={classes.cell}>
      <span className={classes.bar} style={{ inlineSize: size }} aria-hidden="true" />
      <span className={classes.number}>{correlation.toFixed(2).replace('-', '−')}</span>
    </td>
  );
}

/** Mean, spread, and how each metric goes with the others: from −1 (against) over 0 (nothing in common) to 1. */
export function CorrelationTable({ metrics }: { metrics: readonly Metric[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a frame that scrolls has to be reached by keyboard
    <div className={tables.frame} tabIndex={0}>
      <table className={tables.table}>
        <caption className="pw-hidden">Metrics in normal operation, and how they go together</caption>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            <th scope="col" data-number>
              Mean
            </th>
            <th scope="col" data-number>
              Std. deviation
            </th>
            {metrics.map(({ name }) => (
              <th key={name} scope="col" data-number>
                with {toWords(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {metrics.map((metric) => (
            <tr key={metric.name}>
              <th scope="row">{toWords(metric.name)}</th>
              <td data-number>{formatValue(metric.mean)}</td>
              <td data-number>{formatValue(metric.standardDeviation)}</td>
              {metrics.map((other, place) => (
                <Cell key={other.name} correlation={metric.correlations[place] ?? null} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
