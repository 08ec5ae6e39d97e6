import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { formatCount, formatDateTime, formatSpan } from '~/lib/format';
import { useNow } from '~/lib/now';
import { writeWords } from '~/lib/searchParams';
import { StateMark } from '~/ui/StateMark';
import type { Channel } from '../model/channelFragment';
import { channelState } from '../model/channelState';
import { typeWords } from '../model/typeWords';
import classes from './Notifications.module.css';

export type ChannelAction = 'test' | 'edit' | 'switch' | 'rotate' | 'resend' | 'delete';

interface ChannelRowProps {
  channel: Channel;
  isBusy: boolean;
  /** Left out for who may change nothing. */
  onAction?: (action: ChannelAction, channel: Channel) => void;
}

function State({ channel }: { channel: Channel }) {
  const now = useNow();
  const { word, shape, isAbnormal, since, until, reason } = channelState(channel, now);
  return (
    <>
      <StateMark shape={shape} word={word} isAbnormal={isAbnormal} />
      {since && <span className={classes.small}>failing for {formatSpan(now - Date.parse(since))}</span>}
      {until && <span className={classes.small}>tried again in {formatSpan(Date.parse(until) - now)}</span>}
      {reason && <span className={`${classes.small} ${classes.reason}`}>{reason}</span>}
      {channel.undelivered > 0 && (
        <span className={classes.small}>
          <Link
            to="/notifications/deliveries"
            search={{ channel: channel.id, status: writeWords(['DEAD', 'CANCELLED']) }}
          >
            {formatCount(channel.undelivered)} not delivered
          </Link>
        </span>
      )}
    </>
  );
}

/** One channel, how it fares, and what can be done with it. */
export function ChannelRow({ channel, isBusy, onAction }: ChannelRowProps) {
  const { name, type, isActive, status, undelivered } = channel;
  const act = (action: ChannelAction, label: string) => (
    <Button
      variant="default"
      className="pw-target"
      disabled={isBusy}
      aria-label={`${label} ${name}`}
      onClick={() => onAction?.(action, channel)}
    >
      {label}
    </Button>
  );
  return (
    <tr>
      <td>
        <State channel={channel} />
      </td>
      <th scope="row" className={classes.name}>
        {name}
        <span className={classes.small}>{typeWords(type).name}</span>
      </th>
      <td className={classes.wideOnly}>
        {status?.lastSuccessAt ? formatDateTime(status.lastSuccessAt) : 'Never'}
      </td>
      <td className={classes.wideOnly}>
        <Link to="/notifications/deliveries" search={{ channel: channel.id }}>
          Deliveries
        </Link>
      </td>
      {onAction && (
        <td>
          <div className={classes.actions}>
            {act('test', 'Test')}
            {act('edit', 'Edit')}
            {act('switch', isActive ? 'Switch off' : 'Switch on')}
            {isActive && undelivered > 0 && act('resend', 'Send again')}
            {type === 'webhook' && act('rotate', 'New secret')}
            {act('delete', 'Delete')}
          </div>
        </td>
      )}
    </tr>
  );
}
