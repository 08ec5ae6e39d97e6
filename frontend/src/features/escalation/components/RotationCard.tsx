import { Button } from '@mantine/core';
import { useNow } from '~/lib/now';
import { canAdminister, canManageWorkOrders, useViewer } from '~/lib/viewer';
import { nextHandOver, type Shift } from '../model/calendar';
import { momentText } from '../model/momentText';
import { layerText, type Override, type Rotation } from '../model/rotation';
import { CalendarStrip } from './CalendarStrip';

interface RotationCardProps {
  rotation: Rotation;
  shifts: readonly Shift[];
  from: Date;
  to: Date;
  onEdit: () => void;
  onDelete: () => void;
  onOverride: () => void;
  onRemoveOverride: (override: Override) => void;
}

function OnCallNow({ rotation, shifts }: Pick<RotationCardProps, 'rotation' | 'shifts'>) {
  const next = nextHandOver(shifts, useNow());
  return (
    <p>
      On call now: <strong>{rotation.onCall?.fullName ?? 'nobody'}</strong>
      {next && (
        <span className="pw-dim">
          {` · from ${momentText(next.start)}: ${next.user?.fullName ?? 'nobody'}`}
        </span>
      )}
    </p>
  );
}

/** A rotation: who is on call now and next, the coming two weeks, and its overrides. */
export function RotationCard(props: RotationCardProps) {
  const { rotation, shifts, from, to, onEdit, onDelete, onOverride, onRemoveOverride } = props;
  const viewer = useViewer();
  const canEdit = canAdminister(viewer);
  const mayTakeAway = (override: Override): boolean =>
    canManageWorkOrders(viewer) || (viewer !== null && override.user?.id === viewer.userId);
  return (
    <section className="pw-panel pw-stack" aria-label={rotation.name}>
      <div className="pw-spread">
        <div>
          <h2>{rotation.name}</h2>
          <OnCallNow rotation={rotation} shifts={shifts} />
        </div>
        <div className="pw-row">
          <Button
            variant="default"
            className="pw-target"
            aria-label={`Put somebody on call in ${rotation.name}`}
            onClick={onOverride}
          >
            {canManageWorkOrders(viewer) ? 'Put somebody on call' : 'Put me on call'}
          </Button>
          {canEdit && (
            <>
              <Button
                variant="default"
                className="pw-target"
                aria-label={`Edit ${rotation.name}`}
                onClick={onEdit}
              >
                Edit
              </Button>
              <Button
                variant="default"
                className="pw-target"
                aria-label={`Delete ${rotation.name}`}
                onClick={onDelete}
              >
                Delete
              </Button>
            </>
          )}
        </div>
      </div>
      <CalendarStrip name={rotation.name} shifts={shifts} from={from} to={to} />
      <ul className="pw-list pw-dim">
        {rotation.layers.map((layer, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a layer is known by its place alone
          <li key={index}>{layerText(layer)}</li>
        ))}
        <li>Hand-overs by the clock of {rotation.timeZone}.</li>
      </ul>
      {rotation.overrides.length > 0 && (
        <ul className="pw-list pw-stack" aria-label={`Overrides of ${rotation.name}`}>
          {rotation.overrides.map((override) => (
            <li key={override.id} className="pw-row">
              <span>
                {override.user?.fullName ?? 'Somebody'} instead, {momentText(override.startsAt)} to{' '}
                {momentText(override.endsAt)}
              </span>
              {mayTakeAway(override) && (
                <Button
                  variant="default"
                  className="pw-target"
                  aria-label={`Take away the override of ${override.user?.fullName ?? 'somebody'}`}
                  onClick={() => onRemoveOverride(override)}
                >
                  Take away
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
