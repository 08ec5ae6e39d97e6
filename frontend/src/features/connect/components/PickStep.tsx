import { formatCount } from '~/lib/format';
import { NodePicker } from './NodePicker';
import { RegisterPicker } from './RegisterPicker';
import { StepFooter } from './StepFooter';
import { StepPanel } from './StepPanel';
import type { StepProps } from './step';

/** Which values of the device are wanted. */
export function PickStep({ draft, change, onNext, onBack }: StepProps) {
  const picked = draft.tags.length;
  return (
    <StepPanel title="Which values?">
      {draft.protocol === 'MODBUS_TCP' ? (
        <RegisterPicker draft={draft} change={change} />
      ) : (
        <NodePicker draft={draft} change={change} />
      )}
      <p role="status">
        {picked === 0
          ? 'Nothing is picked yet.'
          : `${formatCount(picked)} ${picked === 1 ? 'value is' : 'values are'} picked.`}
      </p>
      <StepFooter
        next="Go on"
        canGoOn={picked > 0}
        hint="Pick at least one value."
        onNext={onNext}
        onBack={onBack}
      />
    </StepPanel>
  );
}
