import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useState } from 'react';
import { momentOf } from '~/features/machine/model/search';
import { WorkOrderCreateDialog } from '~/features/work-orders/components/WorkOrderCreateDialog';
import { readFragment } from '~/gql/graphql';
import { isUnacknowledged } from '~/lib/alarm';
import { useHotkeys } from '~/lib/hotkeys';
import { canManageWorkOrders, useViewer } from '~/lib/viewer';
import type { AlertItem } from '../hooks/useAlerts';
import { AlertRowAlert } from '../model/alertFragment';
import { AcknowledgeDialog } from './AcknowledgeDialog';
import classes from './AlertList.module.css';
import { AlertRow } from './AlertRow';
import { CommentDialog } from './CommentDialog';
import { ShelveDialog } from './ShelveDialog';

interface AlertListProps {
  alerts: readonly AlertItem[];
  isMachineShown: boolean;
  /** Called after an acknowledgement or a new work order. */
  onChanged: () => void;
}

type OpenDialog = { kind: 'acknowledge' | 'workOrder' | 'shelve' | 'comment'; id: string } | null;

/** Alerts in order of work. `j` and `k` move, `a` acknowledges, `s` shelves, `c` comments, `t` opens the details, Enter the moment. */
export function AlertList({ alerts, isMachineShown, onChanged }: AlertListProps) {
  const navigate = useNavigate();
  const viewer = useViewer();
  const [selectedId, setSelectedId] = useState<string | null>(null);
  const [openId, setOpenId] = useState<string | null>(null);
  const [dialog, setDialog] = useState<OpenDialog>(null);
  const find = (id: string | null | undefined) => {
    const item = alerts.find((candidate) => candidate.id === id);
    return item && readFragment(AlertRowAlert, item);
  };
  const selected = find(selectedId);
  const dialogAlert = find(dialog?.id);
  const move = (step: number): void => {
    const index = alerts.findIndex((item) => item.id === selectedId);
    const next = index < 0 ? 0 : Math.min(alerts.length - 1, Math.max(0, index + step));
    setSelectedId(alerts[next]?.id ?? null);
  };
  const selection = selected && {
    a: () => isUnacknowledged(selected.state) && setDialog({ kind: 'acknowledge', id: selected.id }),
    s: () =>
      canManageWorkOrders(viewer) &&
      !selected.suppression.includes('SHELVED') &&
      setDialog({ kind: 'shelve', id: selected.id }),
    c: () => setDialog({ kind: 'comment', id: selected.id }),
    t: () => void navigate({ to: '/alerts/$alertId', params: { alertId: selected.id } }),
    arrowdown: () => move(1),
    arrowup: () => move(-1),
  };
  useHotkeys({ j: () => move(1), k: () => move(-1), ...selection });

  const handleEnter = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && event.target === event.currentTarget && selected?.machine) {
      void navigate({
        to: '/machines/$machineId',
        params: { machineId: selected.machine.id },
        search: momentOf(selected),
      });
    }
  };

  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the list takes the keys that move the selection */}
      <ul className={classes.list} aria-label="Alerts" tabIndex={0} onKeyDown={handleEnter}>
        {alerts.map((item) => (
          <AlertRow
            key={item.id}
            alert={item}
            isSelected={item.id === selectedId}
            isOpen={item.id === openId}
            isMachineShown={isMachineShown}
            canCreateWorkOrder={canManageWorkOrders(viewer)}
            onSelect={() => setSelectedId(item.id)}
            onToggle={() => setOpenId(item.id === openId ? null : item.id)}
            onAcknowledge={() => setDialog({ kind: 'acknowledge', id: item.id })}
            onCreateWorkOrder={() => setDialog({ kind: 'workOrder', id: item.id })}
          />
        ))}
      </ul>
      {dialog?.kind === 'acknowledge' && dialogAlert && (
        <AcknowledgeDialog
          alertId={dialogAlert.id}
          message={dialogAlert.message}
          onClose={() => setDialog(null)}
          onDone={onChanged}
        />
      )}
      {dialog?.kind === 'shelve' && dialogAlert && (
        <ShelveDialog
          alertId={dialogAlert.id}
          severity={dialogAlert.severity}
          message={dialogAlert.message}
          onClose={() => setDialog(null)}
          onDone={onChanged}
        />
      )}
      {dialog?.kind === 'comment' && dialogAlert && (
        <CommentDialog
          alertId={dialogAlert.id}
          message={dialogAlert.message}
          onClose={() => setDialog(null)}
          onDone={onChanged}
        />
      )}
      {dialog?.kind === 'workOrder' && dialogAlert && (
        <WorkOrderCreateDialog
          source={{ alertId: dialogAlert.id }}
          title={dialogAlert.message.slice(0, 200)}
          onClose={() => setDialog(null)}
          onCreated={onChanged}
        />
      )}
    </>
  );
}
