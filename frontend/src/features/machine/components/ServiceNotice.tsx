import { OutOfServiceItems } from '~/features/alerts/components/OutOfServiceItems';
import type { OutOfServiceState } from '~/features/alerts/hooks/useOutOfService';
import { ErrorState } from '~/ui/ErrorState';

interface ServiceNoticeProps {
  machineId: string;
  service: OutOfServiceState;
}

/** Says that the machine, or a metric of it, is out of service; nothing while all of it is in service. */
export function ServiceNotice({ machineId, service }: ServiceNoticeProps) {
  const { items, error, reload } = service;
  if (error && !items) {
    return (
      <ErrorState what="Whether it is out of service could not be loaded." error={error} onRetry={reload} />
    );
  }
  const own = items?.filter(({ machine }) => machine.id === machineId) ?? [];
  return own.length > 0 ? <OutOfServiceItems items={own} isMachineShown={false} onChanged={reload} /> : null;
}
