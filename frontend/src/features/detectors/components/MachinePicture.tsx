import { alertSpans, spansOf, summarise } from '../model/comparing';
import { type MachineTrial, machineStrips } from '../model/machineTrial';
import { Picture } from './PictureParts';

const scoreHeight = 130;
const partHeight = 60;

/** The score of the machine as a whole, what it is made of, and what was or would be found. */
export function MachinePicture({ trial }: { trial: MachineTrial }) {
  const to = Date.parse(trial.to);
  const labelOf = ({ message }: { message: string }): string => message;
  return (
    <Picture
      label={summarise(trial)}
      from={Date.parse(trial.from)}
      to={to}
      times={trial.points.times}
      valuesHeight={0}
      strips={machineStrips(trial).map((shown, place) => ({
        shown,
        height: place === 0 ? scoreHeight : partHeight,
      }))}
      lanes={[
        { name: 'Proposed', spans: spansOf(trial.proposed.episodes, labelOf, to) },
        { name: 'Present', spans: spansOf(trial.present.episodes, labelOf, to) },
        { name: 'Alerts', spans: alertSpans(trial.alerts, to) },
      ]}
    />
  );
}
