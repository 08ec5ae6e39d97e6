import { type Severity, severityWords } from '~/lib/alarm';
import classes from './SeveritySymbol.module.css';

const numbers: Record<Severity, string> = { CRITICAL: '1', WARNING: '2', INFO: '3' };

interface SeveritySymbolProps {
  severity: Severity;
  /** Flashes about once a second until somebody acknowledges. */
  isUnacknowledged?: boolean;
  /** Set when the word stands beside the symbol. */
  isDecorative?: boolean;
  /** Draws only a grey outline: nothing of this severity is active. */
  isQuiet?: boolean;
  size?: number;
}

function Shape({ severity }: { severity: Severity }) {
  switch (severity) {
    case 'CRITICAL':
      return <rect x="2" y="2" width="20" height="20" />;
    case 'WARNING':
      return <path d="M12 1 23.5 22.5H.5Z" />;
    case 'INFO':
      return <circle cx="12" cy="12" r="11" />;
  }
}

/** The mark of a severity: its own shape, number and colour. */
export function SeveritySymbol(props: SeveritySymbolProps) {
  const { severity, isUnacknowledged, isDecorative, isQuiet, size = 22 } = props;
  const label = `${severityWords[severity]}${isUnacknowledged ? ', unacknowledged' : ''}`;
  const naming = isDecorative ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label };
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: the name is in `naming`
    <svg
      {...naming}
      className={classes.symbol}
      data-severity={severity}
      data-quiet={isQuiet || undefined}
      data-unacknowledged={isUnacknowledged || undefined}
      width={size}
      height={size}
      viewBox="0 0 24 24"
    >
      <Shape severity={severity} />
      <text x="12" y={severity === 'WARNING' ? 20 : 17.5} textAnchor="middle">
        {numbers[severity]}
      </text>
    </svg>
  );
}
