import type { ReactNode } from 'react';

export const stepTitleId = 'step-title';

/** One step with its heading, which takes the focus when the step is gone to. */
export function StepPanel({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="pw-panel pw-stack" aria-labelledby={stepTitleId}>
      <h2 id={stepTitleId} tabIndex={-1}>
        {title}
      </h2>
      {children}
    </section>
  );
}
