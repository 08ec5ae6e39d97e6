import tables from '~/ui/DataTable.module.css';
import type { Channel } from '../model/channelFragment';
import { type ChannelAction, ChannelRow } from './ChannelRow';
import classes from './Notifications.module.css';

interface ChannelTableProps {
  channels: readonly Channel[];
  busyId: string | null;
  onAction?: (action: ChannelAction, channel: Channel) => void;
}

export function ChannelTable({ channels, busyId, onAction }: ChannelTableProps) {
  return (
    <div className={tables.frame}>
      <table className={tables.table}>
        <caption className="pw-hidden">Channels, what wants attention first</caption>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Channel</th>
            <th scope="col" className={classes.wideOnly}>
              Last delivered
            </th>
            <td className={`${classes.corner} ${classes.wideOnly}`} />
            {onAction && <td className={classes.corner} />}
          </tr>
        </thead>
        <tbody>
          {channels.map((channel) => (
            <ChannelRow
              key={channel.id}
              channel={channel}
              isBusy={busyId === channel.id}
              onAction={onAction}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}
