import { type FragmentOf, type ResultOf, readFragment } from '~/gql/graphql';
import { formatDateTime } from '~/lib/format';
import { StateMark } from '~/ui/StateMark';
import { AlertRowAlert } from '../model/alertFragment';
import { designReasonWords, suppressionShapes, suppressionWords } from '../model/suppression';
import classes from './AlertList.module.css';

type Marked = ResultOf<typeof AlertRowAlert>;

function detailOf(alert: Marked, kind: Marked['suppression'][number]): string {
  switch (kind) {
    case 'SHELVED':
      return alert.shelvedUntil
        ? ` until ${formatDateTime(alert.shelvedUntil)}: ${alert.shelf?.reason ?? ''}`
        : '';
    case 'SUPPRESSED_BY_DESIGN':
      return `: ${alert.designReasons.map((reason) => designReasonWords[reason]).join(', ')}`;
    case 'OUT_OF_SERVICE':
      return alert.outOfService
        ? `${alert.outOfService.until ? ` until ${formatDateTime(alert.outOfService.until)}` : ''}: ${alert.outOfService.reason}`
        : '';
  }
}

/** What keeps an alert from announcing itself, as shape and words; and what else is odd about it. */
export function SuppressionMarks(props: { alert: FragmentOf<typeof AlertRowAlert> }) {
  const alert = readFragment(AlertRowAlert, props.alert);
  const isAsked = alert.shelf?.state === 'REQUESTED';
  return (
    <>
      {alert.suppression.map((kind) => (
        <span key={kind} className={classes.suppression}>
          <StateMark shape={suppressionShapes[kind]} word={suppressionWords[kind]} isAbnormal />
          {detailOf(alert, kind)}
        </span>
      ))}
      {isAsked && (
        <span className={classes.suppression}>
          <StateMark shape="clock" word="Asked to be shelved" isAbnormal={false} />
          {` by ${alert.shelf?.requestedBy?.fullName ?? 'a former user'}: ${alert.shelf?.reason}`}
        </span>
      )}
      {alert.chatters > 0 && <StateMark shape="dashed" word="Chattering" isAbnormal />}
      {alert.fleetings > 0 && <StateMark shape="dashed" word="Fleeting" isAbnormal={false} />}
      {alert.isStale && <StateMark shape="filling" word="Active for more than a day" isAbnormal={false} />}
      {alert.groupSize > 1 && alert.isFirstOut && (
        <StateMark shape="circle" word={`First out of ${alert.groupSize}`} isAbnormal />
      )}
      {alert.assignee && <span>Given to {alert.assignee.fullName}</span>}
    </>
  );
}
