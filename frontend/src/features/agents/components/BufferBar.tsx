import { formatBytes, formatCount, formatSpan } from '~/lib/format';
import { useNow } from '~/lib/now';
import { bufferShare, describeBuffer, serverTime } from '../model/figures';
import classes from './BufferBar.module.css';

interface BufferBarProps {
  buffer: { bytes: number; maxBytes: number; depth: number; oldestAt: string | null };
  clockOffsetMs: number | null;
}

/** How full an agent's buffer is, by the length of a bar, and what waits in it. */
export function BufferBar({ buffer, clockOffsetMs }: BufferBarProps) {
  const now = useNow();
  const share = bufferShare(buffer);
  const isWaiting = buffer.depth > 0;
  const oldest =
    isWaiting && buffer.oldestAt
      ? `, oldest ${formatSpan(now - serverTime(buffer.oldestAt, clockOffsetMs))}`
      : '';
  return (
    <span className={classes.buffer}>
      {/* biome-ignore lint/a11y/useSemanticElements: a <meter> brings its own colours */}
      <span
        className={classes.track}
        role="meter"
        aria-label="Buffer"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share)}
        aria-valuetext={describeBuffer(buffer)}
        title={describeBuffer(buffer)}
      >
        <span className={classes.fill} style={{ width: `${share}%` }} />
      </span>
      <span className={classes.words} data-waiting={isWaiting || undefined}>
        {isWaiting ? `${formatCount(buffer.depth)} waiting${oldest}` : 'Nothing waiting'}
      </span>
      <span className={classes.words}>
        {formatBytes(buffer.bytes)} of {formatBytes(buffer.maxBytes)}
      </span>
    </span>
  );
}
