import { Button } from '@mantine/core';
import type { ReactNode } from 'react';

interface StepFooterProps {
  next: string;
  canGoOn: boolean;
  /** Why the next step cannot be taken yet. */
  hint?: string;
  onNext: () => void;
  onBack?: () => void;
  children?: ReactNode;
}

/** The way on and the way back. */
export function StepFooter({ next, canGoOn, hint, onNext, onBack, children }: StepFooterProps) {
  return (
    <div className="pw-row">
      <Button className="pw-target" disabled={!canGoOn} onClick={onNext}>
        {next}
      </Button>
      {onBack && (
        <Button variant="default" className="pw-target" onClick={onBack}>
          Back
        </Button>
      )}
      {children}
      {!canGoOn && hint && <span className="pw-dim">{hint}</span>}
    </div>
  );
}
