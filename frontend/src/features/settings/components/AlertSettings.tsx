import { useState } from 'react';
import { useAlertSettings } from '~/features/alerts/hooks/useAlertSettings';
import { severityWords } from '~/lib/alarm';
import tables from '~/ui/DataTable.module.css';
import { ErrorState } from '~/ui/ErrorState';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { describeMinutes } from '../model/alertSettings';
import { AlertSettingsForm } from './AlertSettingsForm';

type Longest = NonNullable<ReturnType<typeof useAlertSettings>['settings']>['longestShelving'];

function ShelvingRules({ longest }: { longest: Longest }) {
  return (
    <div className={tables.frame}>
      <table className={tables.table}>
        <caption className="pw-hidden">How long alerts can be shelved</caption>
        <thead>
          <tr>
            <th scope="col">Severity</th>
            <th scope="col">Shelved at the most</th>
            <th scope="col">Second person</th>
          </tr>
        </thead>
        <tbody>
          {longest.map(({ severity, minutes, needsSecondPerson }) => (
            <tr key={severity}>
              <td>{severityWords[severity]}</td>
              <td>{describeMinutes(minutes)}</td>
              <td>{needsSecondPerson ? 'Has to approve' : 'Not needed'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** How alerts are shelved and taken out of service in this plant. */
export function AlertSettings({ isReadOnly }: { isReadOnly: boolean }) {
  const { settings, error, reload } = useAlertSettings();
  const [isSaved, setIsSaved] = useState(false);
  const [round, setRound] = useState(0);
  return (
    <section className="pw-panel pw-stack" aria-labelledby="alert-settings-title">
      <h2 id="alert-settings-title">Alerts</h2>
      {error && !settings && (
        <ErrorState what="The settings of alerts could not be loaded." error={error} onRetry={reload} />
      )}
      {!settings && !error && <SkeletonRows label="Loading the settings of alerts" count={3} />}
      {settings && (
        <>
          <AlertSettingsForm
            key={`${settings.version} ${round}`}
            settings={settings}
            isReadOnly={isReadOnly}
            isSaved={isSaved}
            onSaved={() => {
              setIsSaved(true);
              reload();
            }}
            onReload={() => {
              setIsSaved(false);
              setRound(round + 1);
              reload();
            }}
          />
          <h3>Shelving</h3>
          <p className="pw-dim">These limits are the same for every plant.</p>
          <ShelvingRules longest={settings.longestShelving} />
        </>
      )}
    </section>
  );
}
