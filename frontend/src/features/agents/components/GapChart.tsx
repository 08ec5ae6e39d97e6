import { type CSSProperties, Fragment, type ReactNode } from 'react';
import { describeGapLine, type GapLine, gapTicks } from '../model/gapLine';
import { describeMoment } from '../model/headline';
import classes from './GapChart.module.css';

interface GapChartProps {
  lines: readonly GapLine[];
  known: { left: number; width: number } | null;
  from: number;
  to: number;
}

function Key({ word, children }: { word: string; children?: ReactNode }) {
  return (
    <span className={classes.key}>
      <span className={classes.swatch}>{children}</span>
      {word}
    </span>
  );
}

function Known({ left, width }: { left: number; width: number }) {
  return <span className={classes.known} style={{ left: `${left}%`, width: `${width}%` }} />;
}

function Mark({ isWhole, ...place }: { isWhole: boolean; style?: CSSProperties; title?: string }) {
  return <span className={classes.mark} data-whole={isWhole || undefined} {...place} />;
}

/** One line per source; what is missing is cut out of it. */
export function GapChart({ lines, known, from, to }: GapChartProps) {
  return (
    <div className="pw-stack">
      <div className={classes.chart}>
        {lines.map((line) => (
          <Fragment key={line.source}>
            <span className={classes.source} aria-hidden="true">
              {line.source}
            </span>
            <span className={classes.line} role="img" aria-label={describeGapLine(line)}>
              {known && <Known {...known} />}
              {line.marks.map(({ left, width, isWhole, title }) => (
                <Mark
                  key={`${left} ${width} ${title}`}
                  isWhole={isWhole}
                  title={title}
                  style={{ left: `min(${left}%, 100% - 3px)`, width: `${width}%` }}
                />
              ))}
            </span>
          </Fragment>
        ))}
        <span className={classes.ticks}>
          {gapTicks(from, to).map((tick) => (
            <span key={tick}>{describeMoment(new Date(tick).toISOString(), to)}</span>
          ))}
        </span>
      </div>
      <p className={classes.legend} aria-hidden="true">
        <Key word="no gap">
          <Known left={0} width={100} />
        </Key>
        <Key word="nothing read">
          <Known left={0} width={100} />
          <Mark isWhole />
        </Key>
        <Key word="some tags missing">
          <Known left={0} width={100} />
          <Mark isWhole={false} />
        </Key>
        <Key word="agent not heard" />
      </p>
    </div>
  );
}
