import table from '~/ui/DataTable.module.css';
import { barOf, type FigureUnit, figureWords, formatFigure, type Mark, markWords } from '../model/figures';
import classes from './Performance.module.css';

export interface FigureRow {
  figure: keyof typeof figureWords;
  unit: FigureUnit;
  value: number | null;
  target: number | null;
  limit: number | null;
  mark: Mark;
}

const width = 200;
const height = 22;

/** The value as a bar; the target is the line that it should not cross, the limit the thick one. */
function Drawn({ row }: { row: FigureRow }) {
  const bar = barOf(row.value, row.target, row.limit);
  if (!bar) {
    return null;
  }
  return (
    <svg className={classes.bar} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <rect className={classes.track} width={width} height={height} />
      <rect className={classes.zone} width={bar.target * width} height={height} />
      <rect
        className={classes.value}
        data-mark={row.mark}
        y={6}
        width={bar.value * width}
        height={height - 12}
      />
      <line className={classes.target} x1={bar.target * width} x2={bar.target * width} y1={0} y2={height} />
      {bar.limit !== null && (
        <line className={classes.limit} x1={bar.limit * width} x2={bar.limit * width} y1={0} y2={height} />
      )}
      {bar.isOffScale && <path className={classes.beyond} d={`M ${width - 9} 4 l 8 7 l -8 7`} />}
    </svg>
  );
}

/** Each figure with its value, its target, and how the two compare. */
export function FigureTable({ figures }: { figures: readonly FigureRow[] }) {
  return (
    <div className={table.frame}>
      <table className={table.table}>
        <thead>
          <tr>
            <th>Figure</th>
            <th data-number>Value</th>
            <th data-number>Target</th>
            <th data-number>Limit</th>
            <th>
              <span className="pw-hidden">Drawn</span>
            </th>
            <th>Reading</th>
          </tr>
        </thead>
        <tbody>
          {figures.map((row) => (
            <tr key={row.figure}>
              <td>{figureWords[row.figure]}</td>
              <td data-number>
                <strong>{formatFigure(row.value, row.unit)}</strong>
              </td>
              <td data-number>{row.target === null ? '' : `≤ ${formatFigure(row.target, row.unit)}`}</td>
              <td data-number>{row.limit === null ? '' : formatFigure(row.limit, row.unit)}</td>
              <td>
                <Drawn row={row} />
              </td>
              <td className={classes.reading} data-mark={row.mark}>
                {markWords[row.mark]}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
