import { useSetup } from '~/features/sources/hooks/useSetup';
import { tagProtocol, type Way, withProtocol } from '../model/draft';
import classes from './Connect.module.css';
import { StepFooter } from './StepFooter';
import { StepPanel } from './StepPanel';
import type { StepProps } from './step';

const ways = [
  {
    way: 'SERVER',
    title: 'The server reads it',
    text: 'Choose this when the device speaks OPC UA or Modbus TCP and this server reaches it over the network: nothing is installed.',
  },
  {
    way: 'AGENT',
    title: 'An edge agent reads it',
    text: 'Choose this when the device is behind the plant’s firewall, when values lie in files, or when nothing may be lost while the link is down: the agent calls out and buffers.',
  },
] as const;

/** Who reads the device. */
export function WayStep({ draft, change, onNext, onBack }: StepProps) {
  const setup = useSetup();
  const isClosed = setup !== null && !setup.isOpen;
  const choose = (way: Way): void =>
    change((old) => {
      const chosen = { ...old, way };
      return way === 'SERVER' && tagProtocol(old) === null ? withProtocol(chosen, 'OPC_UA') : chosen;
    });
  return (
    <StepPanel title="Who reads it?">
      <fieldset className={classes.choices}>
        <legend className="pw-hidden">Way</legend>
        {ways.map(({ way, title, text }) => (
          <label key={way} className={classes.choice}>
            <input
              type="radio"
              name="way"
              disabled={way === 'SERVER' && isClosed}
              checked={draft.way === way}
              onChange={() => choose(way)}
            />
            <strong>{title}</strong>
            <span>{text}</span>
            {way === 'SERVER' && isClosed && <span>{setup.message}</span>}
          </label>
        ))}
      </fieldset>
      <StepFooter
        next="Go on"
        canGoOn={draft.way !== null && !(draft.way === 'SERVER' && isClosed)}
        hint="Choose one of the two."
        onNext={onNext}
        onBack={onBack}
      />
    </StepPanel>
  );
}
