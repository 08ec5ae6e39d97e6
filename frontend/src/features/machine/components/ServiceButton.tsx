import { Button } from '@mantine/core';
import { useState } from 'react';
import { ServiceDialog } from '~/features/alerts/components/ServiceDialog';
import type { OutOfServiceState } from '~/features/alerts/hooks/useOutOfService';

interface ServiceButtonProps {
  machine: { id: string; name: string };
  service: OutOfServiceState;
}

/** Takes the machine, or a metric of it, out of service; gone while a person has the whole of it out. */
export function ServiceButton({ machine, service }: ServiceButtonProps) {
  const [isOpen, setIsOpen] = useState(false);
  const isOut = service.items?.some(
    (item) => item.machine.id === machine.id && item.metric === null && item.workOrderId === null,
  );
  return (
    <>
      {service.items && !isOut && (
        <Button variant="default" className="pw-target" onClick={() => setIsOpen(true)}>
          Take out of service
        </Button>
      )}
      {isOpen && <ServiceDialog machine={machine} onClose={() => setIsOpen(false)} onDone={service.reload} />}
    </>
  );
}
