import { formatDateTime, formatSpan, formatValue } from '~/lib/format';
import tables from '~/ui/DataTable.module.css';
import { SeveritySymbol } from '~/ui/SeveritySymbol';
import { compareEpisodes, detectorWords, type EpisodeRow, type Trial } from '../model/trial';

const mostRows = 100;

const foundWords: Record<EpisodeRow['found'], string> = {
  both: 'Found by both',
  proposed: 'Only by the settings shown',
  present: 'Only by the present settings',
};

/** Every episode of the period with the settings that find it. */
export function EpisodeTable({ trial }: { trial: Trial }) {
  const rows = compareEpisodes(trial);
  if (rows.length === 0) {
    return (
      <p className="pw-dim">Neither the settings shown nor the present ones find anything in this period.</p>
    );
  }
  return (
    <div className={tables.frame}>
      <table className={tables.table}>
        <caption className="pw-hidden">Episodes</caption>
        <thead>
          <tr>
            <th scope="col">Began</th>
            <th scope="col">Lasted</th>
            <th scope="col">Detector</th>
            <th scope="col">Severity</th>
            <th scope="col" data-number>
              Peak score
            </th>
            <th scope="col">Found</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, mostRows).map(({ detector, severity, startedAt, endedAt, peakScore, found }) => (
            <tr key={`${detector} ${startedAt}`}>
              <td>{formatDateTime(startedAt)}</td>
              <td>{endedAt ? formatSpan(Date.parse(endedAt) - Date.parse(startedAt)) : 'Goes on'}</td>
              <td>{detectorWords[detector]}</td>
              <td>
                <SeveritySymbol severity={severity} />
              </td>
              <td data-number>{formatValue(peakScore)}</td>
              <td>{foundWords[found]}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > mostRows && (
        <p className="pw-dim">
          The first {mostRows} of {rows.length} episodes.
        </p>
      )}
    </div>
  );
}
